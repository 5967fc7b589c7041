import StackModel
import YAMLTree

/// What follows from the fields of `spec.alb` together.
struct EcsAlb {
  let view: DecodingView
  let isCreated: Bool
  let certificate: String?
  let listenerPort: Int
  let isHTTPS: Bool
  let hostnames: [String]
  let paths: [String]

  static let defaultSSLPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  init(_ view: DecodingView) {
    self.view = view
    isCreated = view["create"] != nil && view["arn"] == nil
    certificate = view.value("certificateArn")
    let hasCertificate = view["certificateArn"] != nil
    listenerPort = view["listenerPort"]?.int ?? (hasCertificate ? 443 : 80)
    isHTTPS = hasCertificate || (!isCreated && listenerPort == 443)
    let routing = view["routingType"]?.string
    hostnames = routing == "path" ? [] : [view["hostname"]?.string].compactMap(\.self)
    paths = routing == "hostname" ? [] : [view["path"]?.string].compactMap(\.self)
  }

  var hasRule: Bool { !hostnames.isEmpty || !paths.isEmpty }

  /// Port 80 redirects to HTTPS unless the listener itself is there.
  var redirects: Bool {
    isCreated && view["certificateArn"] != nil && listenerPort != 80
      && view["httpToHttpsRedirect"]?.bool ?? true
  }

  var urlForm: JSONValue {
    let host = hostnames.first.flatMap { Self.isLiteral($0) ? $0 : nil }
    let port = listenerPort == (isHTTPS ? 443 : 80) ? "" : ":\(listenerPort)"
    let path = paths.first.map { String($0.prefix { $0 != "*" && $0 != "?" }) } ?? "/"
    return [
      "host": .optional(host),
      "prefix": .string(isHTTPS ? "https://" : "http://"),
      "suffix": .string(port + path),
    ]
  }

  private static func isLiteral(_ pattern: String) -> Bool {
    !pattern.contains("*") && !pattern.contains("?")
  }
}

extension EcsService {
  var albForm: JSONValue {
    guard let view = alb else { return .null }
    let alb = EcsAlb(view)
    let target = target(of: view)
    return [
      "arn": .optional(view.value("arn")),
      "create": alb.isCreated ? createdAlbForm(view["create"]) : .null,
      "listener_port": .int(alb.listenerPort),
      "listener_protocol": .string(alb.isHTTPS ? "HTTPS" : "HTTP"),
      "certificate_arn": .optional(alb.certificate),
      "ssl_policy": alb.isCreated && alb.certificate != nil
        ? .string(view["sslPolicy"]?.string ?? EcsAlb.defaultSSLPolicy) : .null,
      "redirect_port": alb.redirects ? 80 : .null,
      "rule": ruleForm(alb),
      "container_name": .string(target.containerName),
      "container_port": .optional(target.port),
      "target_group": targetGroupForm(view, port: target.port),
      "url": alb.urlForm,
    ]
  }

  private func createdAlbForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    var form = createdLoadBalancer(block, name: names.loadBalancer, group: "\(names.qualified)-alb")
    form["idle_timeout_seconds"] = .int(block["idleTimeout"]?.int ?? 60)
    return .object(form)
  }

  private func ruleForm(_ alb: EcsAlb) -> JSONValue {
    guard alb.hasRule else { return .null }
    return [
      "priority": .optional(alb.view["listenerPriority"]?.int),
      "hostnames": .texts(alb.hostnames),
      "paths": .texts(alb.paths),
    ]
  }

  private func targetGroupForm(_ view: DecodingView, port: Int?) -> JSONValue {
    let targetProtocol = view["targetProtocol"]?.string ?? "HTTP"
    let version = view["targetProtocolVersion"]?.string ?? "HTTP1"
    let identity = ["alb", targetProtocol, version, port.map(String.init) ?? "", targetType, vpcID ?? ""]
    return [
      "name": .string(names.targetGroup(of: identity)),
      "protocol": .string(targetProtocol),
      "protocol_version": .string(version),
      "target_type": .string(targetType),
      "port": .optional(port),
      "deregistration_delay_seconds": .int(view["deregistrationDelaySeconds"]?.int ?? 60),
      "slow_start_seconds": .int(view["slowStartSeconds"]?.int ?? 0),
      "stickiness": stickinessForm(view.enabled("stickiness", default: true)),
      "health_check": EcsTargetHealthCheck(alb: view).form,
    ]
  }

  private func stickinessForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    return [
      "cookie_name": .optional(block["cookieName"]?.string),
      "duration_seconds": .int(block["durationSeconds"]?.int ?? 86400),
    ]
  }
}
