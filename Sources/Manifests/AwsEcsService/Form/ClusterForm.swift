import StackModel
import YAMLTree

extension EcsService {
  var clusterForm: JSONValue {
    [
      "arn": .optional(cluster.givenARN),
      "name": .string(cluster.name),
      "create": createdClusterForm,
    ]
  }

  private var createdClusterForm: JSONValue {
    guard cluster.givenARN == nil, let block = cluster.created else { return .null }
    return [
      "container_insights": .string(block["containerInsights"]?.string ?? "disabled"),
      "capacity_providers": .texts(cluster.capacityProviders),
      "service_connect_namespace": .optional(block.value("serviceConnectNamespace")),
      "ec2_capacity_provider": capacityProviderForm,
    ]
  }

  private var capacityProviderForm: JSONValue {
    guard let block = cluster.capacityProvider else { return .null }
    return [
      "name": .string(cluster.capacityProviderName),
      "auto_scaling_group_arn": .optional(block.value("autoScalingGroupArn")),
      "managed_scaling": .bool(block["managedScaling"]?.bool ?? true),
      "target_capacity_percent": .int(block["targetCapacityPercent"]?.int ?? 100),
      "minimum_scaling_step": .int(block["minimumScalingStep"]?.int ?? 1),
      "maximum_scaling_step": .int(block["maximumScalingStep"]?.int ?? 100),
      "instance_warmup_seconds": .int(block["instanceWarmupSeconds"]?.int ?? 300),
      "managed_termination_protection": .bool(block["managedTerminationProtection"]?.bool ?? false),
      "managed_draining": .bool(block["managedDraining"]?.bool ?? true),
    ]
  }
}
