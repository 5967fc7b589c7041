import StackModel

/// The load balancers in front of a service.
enum EcsEndpoints {
  /// How the targets of one group are.
  struct TargetGroup: Sendable, Hashable {
    var healthy = 0
    var unhealthy = 0
    /// On their way in or out, or not looked at.
    var others = 0
    /// Why targets are not healthy, each reason once.
    var reasons: [String] = []
    var loadBalancers: [String] = []

    /// - Parameters:
    ///   - health: a reply to DescribeTargetHealth.
    ///   - group: a reply to DescribeTargetGroups.
    init(health: AWSDocument, group: AWSDocument) {
      for target in health.root.find("DescribeTargetHealthResult")?.members("TargetHealthDescriptions") ?? []
      {
        let state = target["TargetHealth"]
        switch state?["State"]?.text {
        case "healthy": healthy += 1
        case "unhealthy":
          unhealthy += 1
          let words = [state?["Reason"]?.text, state?["Description"]?.text].compactMap { $0 }
          let reason = words.joined(separator: ": ")
          if !reason.isEmpty, !reasons.contains(reason) { reasons.append(reason) }
        default: others += 1
        }
      }
      let found = group.root.find("DescribeTargetGroupsResult")?.members("TargetGroups") ?? []
      loadBalancers = found.flatMap { $0.members("LoadBalancerArns").map(\.text) }
    }
  }

  /// DNS names by ARN, from a reply to DescribeLoadBalancers.
  static func names(_ reply: AWSDocument) -> [String: String] {
    let found = reply.root.find("DescribeLoadBalancersResult")?.members("LoadBalancers") ?? []
    return Dictionary(
      found.compactMap { one in
        guard let arn = one["LoadBalancerArn"]?.text, let name = one["DNSName"]?.text else { return nil }
        return (arn, name)
      }
    ) { first, _ in first }
  }

  static func endpoint(
    _ group: TargetGroup,
    names: [String: String],
    url: EcsServiceAddress.URLForm?
  ) -> ServiceStatus.Endpoint {
    let hosts = group.loadBalancers.compactMap { names[$0] }
    let isApplication = group.loadBalancers.contains { $0.contains("loadbalancer/app/") }
    let host = hosts.first ?? "?"
    // The manifest's URL is that of the Application Load Balancer.
    let address = isApplication ? url.map { "\($0.prefix)\($0.host ?? host)\($0.suffix)" } : nil
    var details = address == nil || url?.host == nil ? [] : hosts
    if group.loadBalancers.isEmpty { details.append("no load balancer uses its target group") }
    if group.others > 0 { details.append("\(group.others) targets neither healthy nor unhealthy") }
    return ServiceStatus.Endpoint(
      kind: "load balancer",
      address: address ?? host,
      details: details + group.reasons,
      healthyTargets: group.healthy,
      unhealthyTargets: group.unhealthy
    )
  }
}
