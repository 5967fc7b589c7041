import StackModel

/// What Application Auto Scaling says of a service.
enum EcsAutoscaling {
  /// - Parameters:
  ///   - target: as DescribeScalableTargets gives it.
  ///   - policies: as DescribeScalingPolicies gives them.
  ///   - activities: as DescribeScalingActivities gives them, newest first.
  static func of(
    target: JSONValue,
    policies: [JSONValue],
    activities: [JSONValue],
    desired: Int
  ) -> ServiceStatus.Autoscaling? {
    guard let minimum = target["MinCapacity"]?.int, let maximum = target["MaxCapacity"]?.int else {
      return nil
    }
    return ServiceStatus.Autoscaling(
      minimum: minimum,
      maximum: maximum,
      current: desired,
      targets: policies.compactMap(tracked),
      conditions: suspended(target) + activities.prefix(1).compactMap(failure)
    )
  }

  private static func tracked(_ policy: JSONValue) -> ServiceStatus.Autoscaling.Target? {
    let tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    guard let value = tracking?["TargetValue"]?.double else { return nil }
    let metric =
      tracking?["PredefinedMetricSpecification"]?["PredefinedMetricType"]?.string
      ?? tracking?["CustomizedMetricSpecification"]?["MetricName"]?.string
    let number = value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    return switch metric {
    case "ECSServiceAverageCPUUtilization": .init(name: "cpu", current: nil, target: "\(number)%")
    case "ECSServiceAverageMemoryUtilization": .init(name: "memory", current: nil, target: "\(number)%")
    case "ALBRequestCountPerTarget": .init(name: "requests per target", current: nil, target: number)
    default: .init(name: metric ?? policy["PolicyName"]?.string ?? "?", current: nil, target: number)
    }
  }

  private static func suspended(_ target: JSONValue) -> [String] {
    let state = target["SuspendedState"]
    let parts = [
      ("DynamicScalingOutSuspended", "scaling out"), ("DynamicScalingInSuspended", "scaling in"),
      ("ScheduledScalingSuspended", "scheduled scaling"),
    ].filter { state?[$0.0] == true }
    return parts.isEmpty ? [] : ["suspended: \(parts.map(\.1).joined(separator: ", "))"]
  }

  private static func failure(_ activity: JSONValue) -> String? {
    guard activity["StatusCode"] == "Failed" || activity["StatusCode"] == "Unfulfilled" else { return nil }
    return activity["StatusMessage"]?.string ?? activity["Description"]?.string
  }
}
