import StackModel
import YAMLTree

extension K8sService {
  var autoscalingForm: JSONValue {
    guard let block = availability.hpa else { return .null }
    let behavior = block["behavior"]
    return [
      "name": .string(names.name),
      "min_replicas": .int(availability.minReplicas),
      "max_replicas": .int(availability.maxReplicas),
      "metrics": .array(metrics(block)),
      // Always written: left out, the provider keeps those that were there before.
      "scale_up": Self.scalingForm(behavior?["scaleUp"], window: 0, Self.upwards),
      "scale_down": Self.scalingForm(behavior?["scaleDown"], window: 300, Self.downwards),
    ]
  }

  private static let upwards: JSONValue = [policy("Percent", 100, 15), policy("Pods", 4, 15)]
  private static let downwards: JSONValue = [policy("Percent", 100, 15)]

  private static func policy(_ type: String, _ value: Int, _ period: Int) -> JSONValue {
    ["type": .string(type), "value": .int(value), "period_seconds": .int(period)]
  }

  private static func scalingForm(_ block: DecodingView?, window: Int, _ policies: JSONValue) -> JSONValue {
    let written = (block?["policies"]?.list ?? []).map { entry in
      policy(entry["type"]?.string ?? "", entry["value"]?.int ?? 0, entry["periodSeconds"]?.int ?? 0)
    }
    return [
      "stabilization_window_seconds": .int(block?["stabilizationWindowSeconds"]?.int ?? window),
      "select_policy": .string(block?["selectPolicy"]?.string ?? "Max"),
      "policies": written.isEmpty ? policies : .array(written),
    ]
  }

  private func metrics(_ block: DecodingView) -> [JSONValue] {
    var metrics: [JSONValue] = []
    if let cpu = Self.cpuTarget(block) { metrics.append(Self.resourceForm("cpu", utilization: cpu)) }
    if let amount = block["targetMemoryUtilization"]?.string {
      metrics.append(Self.resourceForm("memory", value: amount))
    }
    if let share = block["targetMemoryUtilizationPercent"]?.int {
      metrics.append(Self.resourceForm("memory", utilization: share))
    }
    metrics += (block["metrics"]?.list ?? []).map(Self.metricForm)
    return metrics.isEmpty ? [Self.resourceForm("cpu", utilization: Self.standardCpuTarget)] : metrics
  }

  static let standardCpuTarget = 80

  /// Percent; 0 counts as absent.
  static func cpuTarget(_ block: DecodingView) -> Int? {
    block["targetCpuUtilizationPercent"]?.double.flatMap { Int(exactly: $0) }.flatMap { $0 == 0 ? nil : $0 }
  }

  private static func resourceForm(
    _ name: String,
    utilization: Int? = nil,
    value: String? = nil
  ) -> JSONValue {
    [
      "type": "Resource", "name": .string(name), "container": .null, "described_object": .null,
      "selector": .null,
      "target": [
        "type": utilization == nil ? "AverageValue" : "Utilization",
        "average_utilization": .optional(utilization),
        "average_value": .optional(value),
        "value": .null,
      ],
    ]
  }

  private static func metricForm(_ view: DecodingView) -> JSONValue {
    let object = view["describedObject"]
    let utilization = view["averageUtilization"]?.int
    let average = view["averageValue"]?.string
    return [
      "type": .optional(view["type"]?.string),
      "name": .optional(view["name"]?.string),
      "container": .optional(view["container"]?.string),
      "described_object": object.map { object in
        [
          "api_version": .optional(object["apiVersion"]?.string),
          "kind": .optional(object["kind"]?.string),
          "name": .optional(object["name"]?.string),
        ]
      } ?? .null,
      "selector": view["selector"].map { .textMap(pairs($0)) } ?? .null,
      "target": [
        "type": .string(utilization != nil ? "Utilization" : average != nil ? "AverageValue" : "Value"),
        "average_utilization": .optional(utilization),
        "average_value": .optional(average),
        "value": .optional(view["value"]?.string),
      ],
    ]
  }

  var disruptionBudgetForm: JSONValue {
    guard let block = availability.pdb else { return .null }
    let most = block["maxUnavailable"]?.string
    return [
      "name": .string(names.name),
      "min_available": .optional(block["minAvailable"]?.string ?? (most == nil ? "1" : nil)),
      "max_unavailable": .optional(most),
    ]
  }
}
