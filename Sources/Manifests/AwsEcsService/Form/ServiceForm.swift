import StackModel
import YAMLTree

extension EcsService {
  var serviceForm: JSONValue {
    [
      "name": .string(names.name),
      // ECS takes a launch type or a strategy, not both.
      "launch_type": cluster.strategy.isEmpty ? .string(launchType.rawValue) : .null,
      "platform_version": isFargate ? .string(spec["platformVersion"]?.string ?? "LATEST") : .null,
      "capacity_provider_strategy": strategyForm,
      "desired_count": .int(desiredCount),
      "deployment": deploymentForm,
      "health_check_grace_period_seconds": hasLoadBalancer
        ? .int(spec["healthCheckGracePeriodSeconds"]?.int ?? 60) : .null,
      "enable_execute_command": .bool(enablesExecuteCommand),
      "propagate_tags": .string(spec["propagateTags"]?.string ?? "SERVICE"),
      "enable_ecs_managed_tags": true,
      "placement_strategies": placementForm("strategies", "field"),
      "placement_constraints": placementForm("constraints", "expression"),
      "discovery_name": .optional(discoveryName),
    ]
  }

  var enablesExecuteCommand: Bool { spec["enableExecuteCommand"]?.bool ?? false }

  private var strategyForm: JSONValue {
    .array(
      cluster.strategy.map { share in
        [
          "capacity_provider": .string(share.provider),
          "weight": .int(share.weight),
          "base": .int(share.base),
        ]
      }
    )
  }

  private var deploymentForm: JSONValue {
    let block = spec["deployment"]
    let breaker = block?["circuitBreaker"]
    let isBroken = breaker?["enabled"]?.bool ?? true
    let rebalances = block?["availabilityZoneRebalancing"]?.bool ?? false
    return [
      "minimum_healthy_percent": .int(block?["minimumHealthyPercent"]?.int ?? 100),
      "maximum_percent": .int(block?["maximumPercent"]?.int ?? 200),
      "circuit_breaker": [
        "enabled": .bool(isBroken),
        "rollback": .bool(isBroken && breaker?["rollback"]?.bool ?? true),
      ],
      "alarms": alarmsForm(block?["alarms"]),
      "wait_for_steady_state": .bool(block?["waitForSteadyState"]?.bool ?? true),
      "timeout_minutes": .int(block?["timeoutMinutes"]?.int ?? 20),
      // Without it the provider would replace the service when a strategy changes.
      "force_new_deployment": .bool(
        !cluster.strategy.isEmpty || block?["forceNewDeployment"]?.bool ?? false
      ),
      "availability_zone_rebalancing": .string(rebalances ? "ENABLED" : "DISABLED"),
    ]
  }

  private func alarmsForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    return [
      "names": .texts(block["names"]?.strings ?? []),
      "rollback": .bool(block["rollback"]?.bool ?? true),
    ]
  }

  private func placementForm(_ list: String, _ detail: String) -> JSONValue {
    .array(
      (spec["placement"]?[list]?.list ?? []).map { entry in
        ["type": .optional(entry["type"]?.string), detail: .optional(entry[detail]?.string)]
      }
    )
  }
}
