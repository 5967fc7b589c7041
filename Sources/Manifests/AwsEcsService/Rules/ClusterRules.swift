import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkCluster() {
    checkOneCluster()
    checkCapacityProviderName()
    guard let block = service.cluster.capacityProvider else { return }
    let least = block["minimumScalingStep"]?.int ?? 1
    let most = block["maximumScalingStep"]?.int ?? 100
    if least > most {
      let view = block.written("minimumScalingStep") ?? block["maximumScalingStep"] ?? block
      error(
        "ecs.cluster.capacity-provider.steps",
        view,
        "minimumScalingStep (\(least)) is more than maximumScalingStep (\(most))"
      )
    }
    if let view = block["managedTerminationProtection"], view.bool == true,
      block["managedScaling"]?.bool == false
    {
      error(
        "ecs.cluster.capacity-provider.protection",
        view,
        "ECS protects instances only where it scales the group",
        hint: "drop `managedScaling: false` or `managedTerminationProtection`"
      )
    }
  }

  /// `ecs.cluster.one`
  private mutating func checkOneCluster() {
    switch (spec["clusterArn"], service.cluster.created) {
    case (.some, let block?):
      error("ecs.cluster.one", block, "the cluster is given by `clusterArn`; drop `cluster`")
    case (nil, nil):
      error(
        "ecs.cluster.one",
        spec,
        field: "clusterArn",
        "the service has no cluster",
        hint: "name a cluster by `clusterArn`, or have one made with `cluster: {}`"
      )
    default: break
    }
  }

  private mutating func checkCapacityProviderName() {
    guard let block = service.cluster.capacityProvider else { return }
    let name = service.cluster.capacityProviderName
    guard let prefix = ["aws", "ecs", "fargate"].first(where: name.lowercased().hasPrefix) else { return }
    error(
      "ecs.cluster.capacity-provider.name",
      block["name"] ?? block,
      "capacity provider `\(name)` begins with `\(prefix)`, and AWS keeps such names for itself",
      hint: "set `ec2CapacityProvider.name`"
    )
  }

  /// The strategy's entries as they are written.
  private var shares: [(share: EcsCluster.Share, view: DecodingView)] {
    service.cluster.strategy.compactMap { share in share.view.map { (share, $0["capacityProvider"] ?? $0) } }
  }

  mutating func checkStrategy() {
    let shares = shares
    guard !shares.isEmpty, let list = spec["capacityProviderStrategy"] else { return }
    checkStrategyAgainstLaunchType(list)
    checkUnique("ecs.strategy.unique", shares.map { ($0.share.provider, $0.view) }) {
      "capacity provider `\($0)` is in the strategy twice"
    }
    for (_, view) in shares.filter({ $0.share.base > 0 }).dropFirst() {
      error("ecs.strategy.base", view, "only one entry of a strategy may have a base")
    }
    if shares.allSatisfy({ $0.share.weight == 0 }) {
      error("ecs.strategy.weight", list, "all weights are 0; at least one has to be more")
    }
    guard service.cluster.created != nil else { return }
    let known = service.cluster.capacityProviders
    for (share, view) in shares where !known.contains(share.provider) {
      error(
        "ecs.strategy.known",
        view,
        "the cluster does not have capacity provider `\(share.provider)`",
        hint: Suggestion.nearest(to: share.provider, among: known).map { "did you mean `\($0)`?" }
          ?? "add it to `cluster.capacityProviders`"
      )
    }
  }

  /// `ecs.strategy.launch-type`
  private mutating func checkStrategyAgainstLaunchType(_ list: DecodingView) {
    let type = service.launchType
    if type == .external {
      error(
        "ecs.strategy.launch-type",
        list,
        "external instances are in no capacity provider; drop the strategy"
      )
      return
    }
    for (share, view) in shares {
      let isFargate = EcsCluster.fargateProviders.contains(share.provider)
      guard isFargate != service.isFargate else { continue }
      error(
        "ecs.strategy.launch-type",
        view,
        "capacity provider `\(share.provider)` cannot run tasks of launch type \(type.rawValue)",
        hint: "set `launchType: \(isFargate ? "FARGATE" : "EC2")`"
      )
    }
  }
}
