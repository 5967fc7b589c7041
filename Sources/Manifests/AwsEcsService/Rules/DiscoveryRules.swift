import StackModel
import YAMLTree

/// Service Connect and Cloud Map.
extension EcsRules {
  mutating func checkDiscovery() {
    // External instances have neither, and are told so.
    guard service.launchType != .external else { return }
    if let connect = service.serviceConnect { checkServiceConnect(connect) }
    guard let discovery = service.serviceDiscovery else { return }
    let record = service.recordType(of: discovery)
    if record == "SRV" {
      checkTarget(of: discovery, code: "ecs.discovery.record", transports: [])
      checkListens(discovery)
    } else if !service.isAwsvpc {
      error(
        "ecs.discovery.record",
        discovery["recordType"] ?? discovery,
        "\(record) records need network mode awsvpc",
        hint: "use SRV"
      )
    }
  }

  /// An SRV record may be for either protocol.
  private mutating func checkListens(_ discovery: DecodingView) {
    let target = service.target(of: discovery)
    guard let container = target.container, let port = target.port, !target.listens(over: "tcp"),
      !target.listens(over: "udp")
    else { return }
    error(
      "ecs.discovery.record",
      discovery["containerPort"] ?? discovery,
      "container `\(container.name)` does not listen on \(port)"
    )
  }

  private mutating func checkServiceConnect(_ connect: DecodingView) {
    if service.networkMode != .awsvpc, service.networkMode != .bridge {
      error(
        "ecs.connect.network",
        spec["networkMode"] ?? connect,
        "Service Connect needs network mode awsvpc or bridge"
      )
    }
    let hasDefault =
      spec["clusterArn"] != nil || service.cluster.created?["serviceConnectNamespace"] != nil
    if connect["namespace"] == nil, !hasDefault {
      error(
        "ecs.connect.namespace",
        connect,
        field: "namespace",
        "the cluster has no default namespace",
        hint: "give `namespace`, or `cluster.serviceConnectNamespace`"
      )
    }
    for entry in service.connectServices { checkConnectPort(entry) }
    let names = service.connectServices.map {
      (EcsService.discoveryName(of: $0), $0["discoveryName"] ?? $0["portName"] ?? $0)
    }
    checkUnique("ecs.connect.port", names) { "another service is discovered as `\($0)`" }
  }

  /// `ecs.connect.port`
  private mutating func checkConnectPort(_ entry: DecodingView) {
    guard let view = entry["portName"], let name = view.string else { return }
    let ports = service.containers.flatMap(\.ports)
    guard let port = ports.first(where: { $0.name == name }) else {
      error(
        "ecs.connect.port",
        view,
        "no port of the task is named `\(name)`",
        hint: Suggestion.nearest(to: name, among: ports.compactMap(\.name)).map { "did you mean `\($0)`?" }
          ?? "name a port in `container.ports`"
      )
      return
    }
    if let timeout = entry["timeout"]?["perRequestSeconds"], port.appProtocol == nil {
      error(
        "ecs.connect.port",
        timeout,
        "`perRequestSeconds` is for requests, and port `\(name)` has no `appProtocol`"
      )
    }
  }
}
