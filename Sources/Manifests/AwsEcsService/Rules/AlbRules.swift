import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkAlb() {
    guard let alb = service.alb else { return }
    switch (alb["arn"], alb["create"]) {
    case (.some, let create?):
      error("ecs.alb.one", create, "the load balancer is given by `alb.arn`; drop `create`")
    case (nil, nil):
      error(
        "ecs.alb.one",
        alb,
        "there is no load balancer",
        hint: "name one by `alb.arn`, or have one made with `alb.create: {}`"
      )
    default: break
    }
    checkTarget(of: alb, code: "ecs.alb.port", transports: ["tcp"])
    if let create = alb["create"], alb["arn"] == nil { checkAlbSubnets(create) }
  }

  /// An Application Load Balancer wants two zones; that two subnets lie in two zones only AWS knows.
  private mutating func checkAlbSubnets(_ create: DecodingView) {
    let own = create["subnets"]
    let count = (own ?? spec["network"]?["subnets"])?.list?.count ?? 0
    if count < 2 {
      error(
        "ecs.alb.subnets",
        own ?? create,
        field: own == nil ? "subnets" : nil,
        "an Application Load Balancer needs subnets in two zones, here \(count == 0 ? "are none" : "is one")"
      )
    }
  }

  /// Whether the container and port that a block names are there, with each of the protocols.
  mutating func checkTarget(of block: DecodingView, code: String, transports: [String]) {
    let target = service.target(of: block)
    guard let container = target.container else {
      let names = service.containers.map(\.name)
      error(
        code,
        block["containerName"] ?? block,
        "the task has no container `\(target.containerName)`",
        hint: Suggestion.nearest(to: target.containerName, among: names).map { "did you mean `\($0)`?" }
      )
      return
    }
    guard let port = target.port else {
      error(
        code,
        block["containerName"] ?? block,
        "a load balancer needs a port, and container `\(container.name)` has none",
        hint: container.isMain ? "set `container.port`" : "give it `ports`"
      )
      return
    }
    for transport in transports where !target.listens(over: transport) {
      error(
        code,
        block["containerPort"] ?? block,
        "container `\(container.name)` does not listen on \(port)/\(transport)",
        hint: Self.portsHint(container)
      )
    }
  }

  private static func portsHint(_ container: EcsContainer) -> String {
    let ports = container.ports.map { "\($0.containerPort)/\($0.transport)" }
    return ports.isEmpty ? "it has no ports" : "it listens on \(ports.joined(separator: ", "))"
  }
}
