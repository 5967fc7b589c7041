import StackModel
import YAMLTree

extension K8sRules {
  private struct Key: Hashable {
    var port: Int
    var transport: String
  }

  mutating func checkPorts() {
    let ports = service.containers.flatMap(\.ports)
    for port in ports { checkPortName(port) }
    let names = ports.compactMap { port in port.name.map { ($0, port.view["name"] ?? port.view) } }
    checkUnique("k8s.port.name", names) { "another port of the pod is named `\($0)`" }
    checkPortNumbers(ports, "containerPort", \.number) { port, owner in
      "port \(port.number)/\(port.transport) is taken by `\(owner.title)` of container `\(owner.container)`"
    }
    checkPortNumbers(service.servicePorts, "servicePort", \.servicePort) { port, owner in
      "service port \(port.servicePort)/\(port.transport) is taken by `\(owner.title)`"
    }
    for port in ports { checkAppProtocol(port) }
  }

  /// `k8s.port.name`
  private mutating func checkPortName(_ port: K8sPort) {
    guard let name = port.name else {
      // A Service with several ports tells them apart by name.
      if port.givenServicePort != nil, service.servicePorts.count > 1 {
        error("k8s.port.name", port.view, field: "name", "a port of the Service needs a name")
      }
      return
    }
    if name.isPortName { return }
    error(
      "k8s.port.name",
      port.view["name"] ?? port.view,
      name.utf8.count > 15
        ? "the port name `\(name)` has \(name.utf8.count) characters, 15 are possible"
        : "`\(name)` is not a port name: lower-case letters, digits and single hyphens, with a letter"
    )
  }

  /// `k8s.port.unique`
  private mutating func checkPortNumbers(
    _ ports: [K8sPort],
    _ field: String,
    _ number: (K8sPort) -> Int,
    _ message: (K8sPort, K8sPort) -> String
  ) {
    var owners: [Key: K8sPort] = [:]
    for port in ports {
      let key = Key(port: number(port), transport: port.transport)
      if let owner = owners[key] {
        error("k8s.port.unique", port.view[field] ?? port.view, message(port, owner))
      }
      owners[key] = owners[key] ?? port
    }
  }

  /// `k8s.port.protocol`
  private mutating func checkAppProtocol(_ port: K8sPort) {
    guard let view = port.view["appProtocol"], let text = view.string else { return }
    if !text.isLabelKey {
      error(
        "k8s.port.protocol",
        view,
        "`\(text)` is not an application protocol",
        hint: "a name such as http, grpc or kubernetes.io/h2c"
      )
    } else if port.view["networkProtocol"] == nil, port.givenServicePort == nil {
      error(
        "k8s.port.protocol",
        view,
        "`appProtocol` is the Service's to know, and the port is not in the Service",
        hint: "set `servicePort`"
      )
    }
  }
}
