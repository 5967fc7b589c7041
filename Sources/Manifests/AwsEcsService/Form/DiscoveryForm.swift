import StackModel
import YAMLTree

/// Service Connect and Cloud Map.
extension EcsService {
  var connectServices: [DecodingView] { serviceConnect?["services"]?.list ?? [] }

  static func discoveryName(of service: DecodingView) -> String {
    service["discoveryName"]?.string ?? service["portName"]?.string ?? ""
  }

  /// The name other services reach this one by; nil when there is none.
  var discoveryName: String? {
    if let block = serviceDiscovery {
      let name = block["name"]?.string ?? names.name
      return block["namespaceName"]?.string.map { "\(name).\($0)" } ?? name
    }
    guard let first = connectServices.first else { return nil }
    if let alias = first["clientAlias"]?["dnsName"]?.string { return alias }
    let name = Self.discoveryName(of: first)
    guard let namespace = serviceConnect?.value("namespace"), !namespace.hasPrefix("arn:") else {
      return name
    }
    return "\(name).\(namespace)"
  }

  var serviceConnectForm: JSONValue {
    guard let block = serviceConnect else {
      // ECS leaves a running service in Service Connect until it is told otherwise, so "off" in writing is
      // not the same as nothing at all.
      let isOff = spec["serviceConnect"]?.isWritten("enabled") ?? false
      return isOff ? ["enabled": false, "namespace": .null, "services": []] : .null
    }
    return [
      "enabled": true,
      "namespace": .optional(block.value("namespace")),
      "services": .array(connectServices.map(Self.connectServiceForm)),
    ]
  }

  private static func connectServiceForm(_ service: DecodingView) -> JSONValue {
    let alias = service["clientAlias"]
    let timeout = service["timeout"]
    return [
      "port_name": .optional(service["portName"]?.string),
      "discovery_name": .string(discoveryName(of: service)),
      "ingress_port_override": .optional(service["ingressPortOverride"]?.int),
      "client_alias": alias == nil
        ? .null
        : ["port": .optional(alias?["port"]?.int), "dns_name": .optional(alias?["dnsName"]?.string)],
      "timeout": timeout == nil
        ? .null
        : [
          "idle_seconds": .optional(timeout?["idleSeconds"]?.int),
          "per_request_seconds": .optional(timeout?["perRequestSeconds"]?.int),
        ],
    ]
  }

  /// `A`, `AAAA` or `SRV`. Without addresses of their own, tasks are found by instance and port.
  func recordType(of discovery: DecodingView) -> String {
    discovery["recordType"]?.string ?? (isAwsvpc ? "A" : "SRV")
  }

  var serviceDiscoveryForm: JSONValue {
    guard let block = serviceDiscovery else { return .null }
    let record = recordType(of: block)
    let target = record == "SRV" ? target(of: block) : nil
    return [
      "namespace_id": .optional(block.value("namespaceId")),
      "name": .string(block["name"]?.string ?? names.name),
      "record_type": .string(record),
      "ttl_seconds": .int(block["ttl"]?.int ?? 10),
      "container_name": .optional(target?.containerName),
      "container_port": .optional(target?.port),
    ]
  }
}
