import StackModel

/// What went wrong with tasks, and what ECS noted about the service.
enum EcsProblems {
  private static let mostTasks = 5
  private static let mostEvents = 5

  /// - Parameters:
  ///   - service: as DescribeServices gives it.
  ///   - stopped: as DescribeTasks gives them.
  static func of(service: JSONValue, stopped: [JSONValue]) -> [ServiceStatus.Problem] {
    var found: [(cause: [String], problem: ServiceStatus.Problem)] = []
    for task in stopped.sorted(by: { time($0, "stoppedAt") > time($1, "stoppedAt") }) where failed(task) {
      let reasons = reasons(task)
      guard !reasons.isEmpty else { continue }
      if let same = found.firstIndex(where: { $0.cause == reasons }) {
        found[same].problem.alike += 1
        continue
      }
      let id = task["taskArn"]?.string.map(EcsRollout.lastPart) ?? "?"
      found.append((reasons, ServiceStatus.Problem(subject: "task \(id)", reasons: reasons)))
    }
    return found.prefix(mostTasks).map(\.problem) + events(service)
  }

  /// Tasks also stop because others take their place.
  private static func failed(_ task: JSONValue) -> Bool {
    switch task["stopCode"]?.string {
    case "UserInitiated": false
    case "ServiceSchedulerInitiated": task["stoppedReason"]?.string?.contains("health check") ?? false
    default: true
    }
  }

  private static func reasons(_ task: JSONValue) -> [String] {
    var reasons = [task["stoppedReason"]?.string].compactMap { $0 }
    for container in task["containers"]?.array ?? [] {
      let code = container["exitCode"]?.int
      let reason = container["reason"]?.string
      guard reason != nil || code ?? 0 != 0 else { continue }
      let parts = [code.map { "exit code \($0)" }, reason].compactMap { $0 }
      reasons.append("container \(container["name"]?.string ?? "?"): \(parts.joined(separator: ", "))")
    }
    return reasons
  }

  /// What ECS noted since the deployment began, newest first; earlier notes are of what ran before.
  private static func events(_ service: JSONValue) -> [ServiceStatus.Problem] {
    let deployments = service["deployments"]?.array ?? []
    let begin = deployments.map { time($0, "createdAt") }.max() ?? 0
    let events = (service["events"]?.array ?? [])
      .filter { time($0, "createdAt") >= begin && $0["message"]?.string?.contains("steady state") == false }
      .prefix(mostEvents)
      .map { event in
        ServiceStatus.Event(
          reason: nil,
          message: event["message"]?.string ?? "",
          time: Timestamp(milliseconds: Int64(time(event, "createdAt") * 1000)).description
        )
      }
    guard !events.isEmpty else { return [] }
    let name = service["serviceName"]?.string ?? "?"
    return [ServiceStatus.Problem(subject: "service \(name)", reasons: [], events: events)]
  }

  private static func time(_ object: JSONValue, _ key: String) -> Double { object[key]?.double ?? 0 }
}
