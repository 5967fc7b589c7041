import StackModel
import YAMLTree

/// What holds for both types of load balancer, or for their number.
extension EcsRules {
  mutating func checkLoadBalancers() {
    for create in [service.alb?["create"], service.nlb?["create"]].compactMap(\.self) { checkIngress(create) }
    let groups = (service.alb == nil ? 0 : 1) + service.nlbListeners.count
    if groups > 5, let view = service.nlb?["listeners"] {
      error("ecs.lb.count", view, "the service has \(groups) target groups; ECS takes five for a service")
    }
    if !service.hasLoadBalancer, let view = spec.written("healthCheckGracePeriodSeconds") {
      warning("ecs.grace", view, "without a load balancer the grace period has no effect")
    }
  }

  /// `ecs.lb.ingress`
  private mutating func checkIngress(_ create: DecodingView) {
    guard let list = create["ingressCidrs"] else { return }
    if create.nonEmptyList("securityGroups") != nil {
      error(
        "ecs.lb.ingress",
        list,
        "`ingressCidrs` is for a created security group, and `securityGroups` are given"
      )
    }
    let isDualstack = create["ipAddressType"]?.string == "dualstack"
    for view in list.list ?? [] {
      guard let text = view.string else { continue }
      switch CIDR(text) {
      case nil:
        error(
          "ecs.lb.ingress",
          view,
          "`\(text)` is not a CIDR",
          hint: "for example 10.0.0.0/8 or 2001:db8::/32"
        )
      case .ipv6? where !isDualstack:
        error(
          "ecs.lb.ingress",
          view,
          "`\(text)` is IPv6, the load balancer is not",
          hint: "set `ipAddressType: dualstack`"
        )
      default: break
      }
    }
  }
}
