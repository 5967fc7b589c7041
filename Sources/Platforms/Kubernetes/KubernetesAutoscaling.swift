import StackModel

/// What a HorizontalPodAutoscaler (autoscaling/v2) says.
enum KubernetesAutoscaling {
  static func of(_ autoscaler: JSONValue) -> ServiceStatus.Autoscaling? {
    let (spec, status) = (autoscaler["spec"], autoscaler["status"])
    guard let maximum = spec?["maxReplicas"]?.int else { return nil }
    let measured = status?["currentMetrics"]?.array ?? []
    return ServiceStatus.Autoscaling(
      minimum: spec?["minReplicas"]?.int ?? 1,
      maximum: maximum,
      current: status?["currentReplicas"]?.int,
      desired: status?["desiredReplicas"]?.int,
      targets: (spec?["metrics"]?.array ?? []).compactMap { target($0, measured) },
      conditions: (status?["conditions"]?.array ?? []).compactMap(condition)
    )
  }

  private static func target(_ metric: JSONValue, _ measured: [JSONValue]) -> ServiceStatus.Autoscaling
    .Target?
  {
    guard let (source, name) = identity(metric), let target = source["target"],
      let wanted = amount(utilization: "averageUtilization", target)
    else { return nil }
    let current = measured.lazy
      .filter { $0["type"] == metric["type"] }
      .compactMap { identity($0) }
      .first { $0.name == name }?.source["current"]
    return ServiceStatus.Autoscaling.Target(
      name: name,
      current: current.flatMap { amount(utilization: "averageUtilization", $0) },
      target: wanted
    )
  }

  /// The part of a metric that its type names, and what to call it.
  private static func identity(_ metric: JSONValue) -> (source: JSONValue, name: String)? {
    switch metric["type"]?.string {
    case "Resource": named(metric["resource"], "name")
    case "ContainerResource":
      named(metric["containerResource"], "name").map { source, name in
        (source, "\(name) of \(source["container"]?.string ?? "?")")
      }
    case "Pods": named(metric["pods"], "metric")
    case "Object": named(metric["object"], "metric")
    case "External": named(metric["external"], "metric")
    default: nil
    }
  }

  private static func named(_ source: JSONValue?, _ key: String) -> (source: JSONValue, name: String)? {
    guard let source, let name = source[key]?.string ?? source[key]?["name"]?.string else { return nil }
    return (source, name)
  }

  private static func amount(utilization key: String, _ value: JSONValue) -> String? {
    value[key]?.int.map { "\($0)%" } ?? value["averageValue"]?.string ?? value["value"]?.string
  }

  /// A condition that keeps the count from being what the metrics ask for.
  private static func condition(_ condition: JSONValue) -> String? {
    let isTrue = condition["status"] == "True"
    let isWorthTelling =
      switch condition["type"]?.string {
      case "AbleToScale", "ScalingActive": !isTrue
      case "ScalingLimited": isTrue
      default: false
      }
    guard isWorthTelling else { return nil }
    return [condition["reason"]?.string, condition["message"]?.string].compactMap { $0 }.joined(
      separator: ": "
    )
  }
}
