import StackModel
import YAMLTree

extension K8sService {
  /// Null without ports: the API refuses a Service without any.
  var serviceForm: JSONValue {
    let ports = servicePorts
    guard !ports.isEmpty else { return .null }
    let block = spec["service"]
    return [
      "name": .string(names.name),
      "type": .string(serviceType),
      "annotations": .textMap(annotations + Self.pairs(block?["annotations"])),
      "external_traffic_policy": .optional(block?["externalTrafficPolicy"]?.string),
      "load_balancer_class": .optional(block?["loadBalancerClass"]?.string),
      "load_balancer_source_ranges": .texts(block?["loadBalancerSourceRanges"]?.strings ?? []),
      "session_affinity": .string(block?["sessionAffinity"]?.string ?? "None"),
      "ports": .array(
        ports.map { port in
          [
            "name": .optional(port.name),
            "port": .int(port.servicePort),
            "target_port": .int(port.number),
            "protocol": .string(port.transport),
            "app_protocol": .optional(port.appProtocol),
          ]
        }
      ),
    ]
  }

  var ingressesForm: JSONValue {
    .object(JSONObject(ways.filter { !$0.isRoute }.map { ($0.key.rawValue, Self.ingressForm($0)) }))
  }

  private static func ingressForm(_ way: K8sWay) -> JSONValue {
    [
      "name": .string(way.name),
      "class_name": .optional(way.className),
      "annotations": .textMap(way.annotations),
      "hosts": .texts(way.hosts),
      "paths": pathsForm(way),
      "tls": way.tlsSecret.map { ["secret_name": .string($0)] } ?? .null,
    ]
  }

  private static func pathsForm(_ way: K8sWay) -> JSONValue {
    .array(
      way.paths.map { path in
        [
          "path": .string(path.path),
          "path_type": .string(way.isRoute && path.type == "Prefix" ? "PathPrefix" : path.type),
          "port": .optional(path.port?.servicePort),
        ]
      }
    )
  }

  var routesForm: JSONValue {
    .object(JSONObject(ways.filter(\.isRoute).map { ($0.key.rawValue, routeForm($0)) }))
  }

  private func routeForm(_ way: K8sWay) -> JSONValue {
    let gateway = way.gateway
    let redirect = gateway?["httpSectionName"]?.string
    return [
      "name": .string(way.name),
      "parent": [
        "name": .optional(gateway?["name"]?.string),
        "namespace": .string(gateway?["namespace"]?.string ?? namespace.name),
        "section_name": .optional(gateway?["sectionName"]?.string),
      ],
      "hosts": .texts(way.hosts),
      "paths": Self.pathsForm(way),
      "redirect": redirect.map {
        ["name": .string("\(way.name)-redirect"), "section_name": .string($0)]
      } ?? .null,
    ]
  }

  // MARK: Endpoints

  var endpointsForm: JSONValue {
    let external = ways.first { $0.key == .external }
    let within = ways.first { $0.key == .internal }
    let hasService = !servicePorts.isEmpty
    return [
      "kube_endpoint": hasService
        ? .string("\(names.name).\(namespace.name).svc.cluster.local") : .null,
      "port_forward_command": .optional(portForwardCommand),
      "external_hostname": .optional(external?.hosts.first),
      "external_url": .optional(external?.url),
      "internal_hostname": .optional(within?.hosts.first),
      "internal_url": .optional(within?.url),
    ]
  }

  private var portForwardCommand: String? {
    let ports = servicePorts.filter(\.isTCP)
    guard !ports.isEmpty else { return nil }
    var taken: Set<Int> = []
    let pairs = ports.map { port in
      // Ports below 1024 are root's on a developer's machine.
      var local = [port.servicePort, port.number].first { $0 >= 1024 } ?? port.servicePort + 8000
      while !taken.insert(local).inserted { local += 1 }
      return " \(local):\(port.servicePort)"
    }
    return "kubectl port-forward --namespace \(namespace.name) service/\(names.name)\(pairs.joined())"
  }
}
