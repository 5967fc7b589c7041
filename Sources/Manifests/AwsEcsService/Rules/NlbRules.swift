import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkNlb() {
    guard let nlb = service.nlb else { return }
    switch (nlb["arn"], nlb["create"]) {
    case (.some, let create?):
      error("ecs.nlb.one", create, "the load balancer is given by `nlb.arn`; drop `create`")
    case (nil, nil):
      error(
        "ecs.nlb.one",
        nlb,
        "there is no load balancer",
        hint: "name one by `nlb.arn`, or have one made with `nlb.create: {}`"
      )
    default: break
    }
    if service.nlbListeners.isEmpty {
      error("ecs.nlb.one", nlb, field: "listeners", "a Network Load Balancer needs at least one listener")
    }
    let ports = service.nlbListeners.map { ($0.port, $0.view["port"] ?? $0.view) }
    checkUnique("ecs.nlb.listener.unique", ports) { "another listener is on port \($0)" }
    for listener in service.nlbListeners {
      checkTarget(of: listener.view, code: "ecs.nlb.port", transports: listener.transports)
      checkTLS(listener)
      checkTargetProtocol(listener)
    }
  }

  /// `ecs.nlb.tls`
  private mutating func checkTLS(_ listener: EcsNlbListener) {
    let view = listener.view
    if listener.isTLS {
      if view["certificateArn"] == nil {
        error("ecs.nlb.tls", view["protocol"] ?? view, "a TLS listener needs `certificateArn`")
      }
      return
    }
    for field in ["certificateArn", "sslPolicy", "alpnPolicy"] {
      guard let place = view.written(field) else { continue }
      error(
        "ecs.nlb.tls",
        place,
        "`\(field)` is for TLS; the listener's protocol is \(listener.listenerProtocol)",
        hint: "set `protocol: TLS`"
      )
    }
  }

  /// `ecs.nlb.target`
  private mutating func checkTargetProtocol(_ listener: EcsNlbListener) {
    let legal = listener.isTLS ? ["TCP", "TLS"] : [listener.listenerProtocol]
    guard let view = listener.view["targetProtocol"], !legal.contains(listener.targetProtocol) else { return }
    error(
      "ecs.nlb.target",
      view,
      "a \(listener.listenerProtocol) listener's targets speak \(Words.alternatives(legal)), "
        + "not \(listener.targetProtocol)"
    )
  }
}
