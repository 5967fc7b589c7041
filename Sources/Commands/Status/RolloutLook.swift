import StackModel

/// What the platform says of a service that a job has changed, or found unchanged.
enum RolloutLook {
  /// Messages for the job's journal: none while the service is healthy. Where nobody can be asked the engine's own
  /// message has to do.
  static func problems(of source: StatusSource) async -> [EngineDiagnostic] {
    guard case .success(let status) = await source.ask() else { return [] }
    let severity: Diagnostic.Severity
    switch status.health {
    case .healthy: return []
    case .progressing: severity = .warning
    case .degraded, .failed: severity = .error
    }
    let found = status.problems.map { problem in
      let others = problem.alike == 0 ? "" : " (and \(problem.alike) more like it)"
      return EngineDiagnostic(
        severity: severity,
        summary: "\(problem.subject)\(others): \(problem.reasons.joined(separator: "; "))",
        detail: problem.events.map(\.line).joined(separator: "\n")
      )
    }
    guard found.isEmpty else { return found }
    let ready = status.replicas.ready ?? status.replicas.running
    let reason = status.rollout.reason.map { ": \($0)" } ?? ""
    return [
      EngineDiagnostic(
        severity: severity,
        summary: "\(status.subject) is \(status.health.rawValue)\(reason)",
        detail:
          "\(ready) of \(status.replicas.desired) replicas are ready, \(status.rollout.updated) are of the newest revision."
      )
    ]
  }
}
