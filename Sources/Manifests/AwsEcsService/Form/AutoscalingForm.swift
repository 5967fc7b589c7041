import StackModel

extension EcsService {
  var autoscalingForm: JSONValue {
    guard let block = autoscaling else { return .null }
    let schedules = block["schedules"]?.list ?? []
    let cpu = block["targetCpuPercent"]?.int ?? 75
    return [
      "min_tasks": .optional(block["minTasks"]?.int),
      "max_tasks": .optional(block["maxTasks"]?.int),
      "target_cpu_percent": cpu == 0 ? .null : .int(cpu),
      "target_memory_percent": .optional(block["targetMemoryPercent"]?.int),
      "requests_per_target": .optional(block["requestsPerTarget"]?.int),
      "scale_in_cooldown_seconds": .int(block["scaleInCooldownSeconds"]?.int ?? 300),
      "scale_out_cooldown_seconds": .int(block["scaleOutCooldownSeconds"]?.int ?? 60),
      "schedules": .object(
        JSONObject(
          schedules.map { schedule in
            (
              schedule["name"]?.string ?? "",
              [
                "expression": .optional(schedule["schedule"]?.string),
                "timezone": .string(schedule["timezone"]?.string ?? "UTC"),
                "min_tasks": .optional(schedule["minTasks"]?.int),
                "max_tasks": .optional(schedule["maxTasks"]?.int),
              ]
            )
          }
        )
      ),
    ]
  }
}
