import StackModel
import YAMLTree

/// What follows from the fields of one listener of `spec.nlb` together.
struct EcsNlbListener {
  let view: DecodingView
  let port: Int
  /// `TCP`, `UDP`, `TCP_UDP` or `TLS`.
  let listenerProtocol: String
  let targetProtocol: String

  init(_ view: DecodingView) {
    self.view = view
    port = view["port"]?.int ?? 0
    listenerProtocol = view["protocol"]?.string ?? "TCP"
    targetProtocol = view["targetProtocol"]?.string ?? (listenerProtocol == "TLS" ? "TCP" : listenerProtocol)
  }

  var isTLS: Bool { listenerProtocol == "TLS" }

  /// What the container has to listen by.
  var transports: [String] {
    switch listenerProtocol {
    case "UDP": ["udp"]
    case "TCP_UDP": ["tcp", "udp"]
    default: ["tcp"]
    }
  }
}

extension EcsService {
  var nlbListeners: [EcsNlbListener] { (nlb?["listeners"]?.list ?? []).map(EcsNlbListener.init) }

  var nlbForm: JSONValue {
    guard let view = nlb else { return .null }
    return [
      "arn": .optional(view.value("arn")),
      "create": view["arn"] == nil ? createdNlbForm(view["create"]) : .null,
      "listeners": .object(JSONObject(nlbListeners.map { (String($0.port), listenerForm($0)) })),
    ]
  }

  private func createdNlbForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    var form = createdLoadBalancer(block, name: "\(names.loadBalancer)-nlb", group: "\(names.qualified)-nlb")
    form["cross_zone"] = .bool(block["crossZone"]?.bool ?? false)
    return .object(form)
  }

  private func listenerForm(_ listener: EcsNlbListener) -> JSONValue {
    let view = listener.view
    let target = target(of: view)
    let policy = view["sslPolicy"]?.string ?? EcsAlb.defaultSSLPolicy
    return [
      "port": .int(listener.port),
      "protocol": .string(listener.listenerProtocol),
      "certificate_arn": .optional(view.value("certificateArn")),
      "ssl_policy": listener.isTLS ? .string(policy) : .null,
      "alpn_policy": listener.isTLS ? .optional(view["alpnPolicy"]?.string) : .null,
      "container_name": .string(target.containerName),
      "container_port": .optional(target.port),
      "target_group": targetGroupForm(listener, port: target.port),
    ]
  }

  private func targetGroupForm(_ listener: EcsNlbListener, port: Int?) -> JSONValue {
    let view = listener.view
    let identity = [
      "nlb", String(listener.port), listener.targetProtocol, port.map(String.init) ?? "", targetType,
      vpcID ?? "",
    ]
    return [
      "name": .string(names.targetGroup(of: identity)),
      "protocol": .string(listener.targetProtocol),
      "target_type": .string(targetType),
      "port": .optional(port),
      "deregistration_delay_seconds": .int(view["deregistrationDelaySeconds"]?.int ?? 60),
      "preserve_client_ip": .optional(view["preserveClientIp"]?.bool),
      "proxy_protocol_v2": .bool(view["proxyProtocolV2"]?.bool ?? false),
      "health_check": EcsTargetHealthCheck(nlbListener: view).form,
    ]
  }
}
