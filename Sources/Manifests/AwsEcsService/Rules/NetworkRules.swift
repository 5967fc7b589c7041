import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkNetwork() {
    let network = spec["network"]
    checkIDs()
    // External instances have no awsvpc, and are told so.
    if service.isAwsvpc, service.launchType != .external, network?.nonEmptyList("subnets") == nil {
      error(
        "ecs.network.subnets",
        network ?? spec,
        field: network == nil ? "network.subnets" : "subnets",
        "awsvpc tasks need `network.subnets`"
      )
    }
    if let view = network?["assignPublicIp"], view.bool == true, !service.isFargate {
      error(
        "ecs.network.public-ip",
        view,
        "instances have the addresses; tasks of launch type \(service.launchType.rawValue) get none"
      )
    }
    if network?.nonEmptyList("securityGroups") != nil, let view = network?["securityGroups"],
      !service.isAwsvpc
    {
      warning(
        "ecs.network.awsvpc-only",
        view,
        "with network mode \(service.networkMode.rawValue) the instances' groups apply"
      )
    }
  }

  /// `ecs.network.ids`, and `ecs.network.subnets` for the form of subnets.
  private mutating func checkIDs() {
    let network = spec["network"]
    let blocks = [network, service.alb?["create"], service.nlb?["create"]].compactMap(\.self)
    for block in blocks {
      for view in block["subnets"]?.list ?? [] { checkID(view, "subnet", "ecs.network.subnets") }
      for view in block["securityGroups"]?.list ?? [] { checkID(view, "sg", "ecs.network.ids") }
    }
    if let view = network?["vpcId"] { checkID(view, "vpc", "ecs.network.ids") }
  }

  private mutating func checkID(_ field: DecodingView, _ prefix: String, _ code: String) {
    let view = field.valueView
    guard let id = view.string, !id.isID(prefix, 8...17) else { return }
    error(code, view, "`\(id)` is not an id such as \(prefix)-0123456789abcdef0")
  }
}
