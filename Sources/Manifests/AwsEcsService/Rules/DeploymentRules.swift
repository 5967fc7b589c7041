import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkDeployment() {
    guard let block = spec["deployment"] else { return }
    let least = block["minimumHealthyPercent"]?.int ?? 100
    let most = block["maximumPercent"]?.int ?? 200
    if least == 100, most == 100, let view = block["maximumPercent"] {
      error("ecs.deployment.percent", view, "with neither room below nor above, no task can be replaced")
    }
    // ECS rounds the share up, so any other than 0 keeps the one task.
    if least == 0, service.desiredCount == 1, let view = block["minimumHealthyPercent"] {
      warning("ecs.deployment.single", view, "the one task may be stopped before its successor runs")
    }
    if let breaker = block["circuitBreaker"], breaker["enabled"]?.bool == false,
      let view = breaker.written("rollback"), view.bool == true
    {
      error("ecs.deployment.rollback", view, "`rollback` needs the circuit breaker to be enabled")
    }
    // External instances are told that they have no zones.
    if let view = block["availabilityZoneRebalancing"], view.bool == true, service.launchType != .external {
      checkRebalancing(view, maximumPercent: most)
    }
  }

  private mutating func checkRebalancing(_ view: DecodingView, maximumPercent: Int) {
    if maximumPercent <= 100 {
      error(
        "ecs.deployment.rebalancing",
        view,
        "ECS moves a task by starting another first: set `maximumPercent` above 100"
      )
    }
    guard let first = spec["placement"]?["strategies"]?[0] else { return }
    let isOverZones =
      first["type"]?.string == "spread" && first["field"]?.string == "attribute:ecs.availability-zone"
    if !isOverZones {
      error(
        "ecs.deployment.rebalancing",
        view,
        "the first placement strategy has to spread over zones",
        hint: "{type: spread, field: attribute:ecs.availability-zone}"
      )
    }
  }
}
