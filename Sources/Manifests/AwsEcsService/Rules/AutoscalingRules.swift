import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkAutoscaling() {
    guard let block = service.autoscaling else { return }
    for field in ["minTasks", "maxTasks"] where block[field] == nil {
      error("ecs.autoscaling.limits", block, field: field, "autoscaling needs `\(field)`")
    }
    checkRange(block)
    if let view = block["maxTasks"], view.int == 0 {
      error("ecs.autoscaling.range", view, "maxTasks is at least 1")
    }
    if let view = block["requestsPerTarget"], service.alb == nil {
      error(
        "ecs.autoscaling.requests",
        view,
        "`requestsPerTarget` counts requests of `alb`, and there is none"
      )
    }
    if let view = block["targetCpuPercent"], view.int == 0, block["targetMemoryPercent"] == nil,
      block["requestsPerTarget"] == nil, block.nonEmptyList("schedules") == nil
    {
      warning(
        "ecs.autoscaling.policy",
        view,
        "nothing ever changes the number of tasks",
        hint: "give a target for CPU, memory or requests, or schedules"
      )
    }
    if let view = spec["container"]?.written("replicas"), let replicas = view.int,
      replicas != service.desiredCount
    {
      warning(
        "ecs.autoscaling.replicas",
        view,
        "replicas (\(replicas)) is outside the limits: a new service starts with \(service.desiredCount) tasks",
        hint: "after that autoscaling decides"
      )
    }
  }

  /// `ecs.autoscaling.range`
  private mutating func checkRange(_ block: DecodingView) {
    guard let least = block["minTasks"]?.int, let most = block["maxTasks"]?.int, most < least,
      let view = block["maxTasks"]
    else { return }
    error("ecs.autoscaling.range", view, "maxTasks (\(most)) is less than minTasks (\(least))")
  }

  mutating func checkSchedules() {
    let schedules = service.autoscaling?["schedules"]?.list ?? []
    for schedule in schedules {
      checkRange(schedule)
      if schedule["minTasks"] == nil, schedule["maxTasks"] == nil {
        error(
          "ecs.schedule.limits",
          schedule["name"] ?? schedule,
          "a schedule needs `minTasks` or `maxTasks`"
        )
      }
      if let view = schedule["schedule"], let text = view.string, !ScheduleExpression.isLegal(text) {
        error(
          "ecs.schedule.form",
          view,
          "`\(text)` is not a schedule: cron(...), at(yyyy-mm-ddThh:mm:ss) or rate(5 minutes)",
          hint: text.hasPrefix("cron(")
            ? "AWS cron has six fields, with `?` for one of the two days: cron(0 8 ? * MON-FRI *)" : nil
        )
      }
      if let view = schedule["timezone"], let zone = view.string, !Self.isTimeZone(zone) {
        error("ecs.schedule.timezone", view, "`\(zone)` is not a time zone such as UTC or Europe/Berlin")
      }
    }
    let names = schedules.compactMap { schedule in schedule["name"].map { ($0.string ?? "", $0) } }
    checkUnique("ecs.schedule.limits", names) { "another schedule is named `\($0)`" }
  }

  /// The form alone: the list of zones is AWS's.
  static func isTimeZone(_ text: String) -> Bool {
    if text == "UTC" || text == "GMT" { return true }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return 2...3 ~= parts.count
      && parts.allSatisfy { $0.isMade { $0.isNameLetter || $0 == "_" || $0 == "+" } }
      && text.unicodeScalars.first?.isAsciiLetter == true
  }
}
