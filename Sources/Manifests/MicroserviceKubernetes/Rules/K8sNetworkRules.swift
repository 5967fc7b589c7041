import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkService() {
    guard let block = spec["service"] else { return }
    let type = service.serviceType
    if service.servicePorts.isEmpty {
      error(
        "k8s.service.ports",
        block,
        "a Service needs a port",
        hint: "set `spec.container.app.ports`"
      )
    }
    if let view = block["externalTrafficPolicy"], type == "ClusterIP" {
      error("k8s.service.traffic", view, "`externalTrafficPolicy` is for NodePort and LoadBalancer")
    }
    for field in ["loadBalancerClass", "loadBalancerSourceRanges"] where type != "LoadBalancer" {
      guard let view = block[field] else { continue }
      error("k8s.service.traffic", view, "`\(field)` is for `type: LoadBalancer`")
    }
    for view in block["loadBalancerSourceRanges"]?.list ?? [] where CIDR(view.string ?? "") == nil {
      error(
        "k8s.service.traffic",
        view,
        "`\(view.string ?? "")` is not a range of addresses",
        hint: "for example 10.0.0.0/8"
      )
    }
    if type == "LoadBalancer", Set(service.servicePorts.map(\.transport)).count > 1 {
      warning(
        "k8s.service.mixed",
        block["type"] ?? block,
        "many clouds refuse several protocols in one load balancer"
      )
    }
  }

  mutating func checkNetworkPolicy() {
    guard let block = service.networkPolicy else { return }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
      for rule in block[direction]?.list ?? [] {
        for peer in rule[peers]?.list ?? [] { checkPeer(peer) }
        for port in rule["ports"]?.list ?? [] { checkPolicyPort(port, isIngress: direction == "ingress") }
      }
    }
  }

  /// `k8s.policy.peer`
  private mutating func checkPeer(_ peer: DecodingView) {
    guard let view = peer["cidr"], let text = view.string else {
      if let view = peer["except"] { error("k8s.policy.peer", view, "`except` leaves out parts of a `cidr`") }
      return
    }
    if peer["podSelector"] != nil || peer["namespaceSelector"] != nil {
      error(
        "k8s.policy.peer",
        view,
        "a peer is addresses or pods, not both",
        hint: "write two peers"
      )
    }
    let range = CIDRRange(text)
    if range == nil {
      error("k8s.policy.peer", view, "`\(text)` is not a range of addresses", hint: "for example 10.0.0.0/8")
    }
    for part in peer["except"]?.list ?? [] {
      guard let inner = CIDRRange(part.string ?? "") else {
        error(
          "k8s.policy.peer",
          part,
          "`\(part.string ?? "")` is not a range of addresses",
          hint: "for example 10.1.0.0/16"
        )
        continue
      }
      if let range, !range.contains(inner) {
        error("k8s.policy.peer", part, "`\(part.string ?? "")` is not within `\(text)`")
      }
    }
  }

  /// `k8s.policy.port`
  private mutating func checkPolicyPort(_ block: DecodingView, isIngress: Bool) {
    guard let view = block["port"] else { return }
    if let name = view.string {
      let names = service.servicePorts.compactMap(\.name)
      if !isIngress {
        error("k8s.policy.port", view, "a port of others is a number")
      } else if !names.contains(name) {
        error("k8s.policy.port", view, "the service has no port `\(name)`", hint: Self.nearest(name, names))
      }
    }
    guard let end = block["endPort"], let last = end.int else { return }
    if let first = view.int {
      if last < first { error("k8s.policy.port", end, "endPort (\(last)) is less than port (\(first))") }
    } else {
      error("k8s.policy.port", end, "`endPort` needs a `port` that is a number")
    }
  }

  /// `k8s.host-alias`
  mutating func checkHostAliases() {
    for alias in service.pod?["hostAliases"]?.list ?? [] {
      if let view = alias["ip"], let text = view.string,
        CIDR("\(text)/32") == nil || text.contains("/")
      {
        error("k8s.host-alias", view, "`\(text)` is not an IP address")
      }
      for view in alias["hostnames"]?.list ?? [] where view.string?.isDNSName == false {
        error("k8s.host-alias", view, "`\(view.string ?? "")` is not a host name")
      }
    }
  }
}
