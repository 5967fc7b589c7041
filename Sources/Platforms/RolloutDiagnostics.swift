package import StackModel

/// What a job says of a service that it has changed, or found unchanged, and that does not run.
package enum RolloutDiagnostics {
  /// None for a healthy service; warnings while it may still become so.
  package static func of(_ status: ServiceStatus) -> [EngineDiagnostic] {
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
        detail: "\(ready) of \(status.replicas.desired) replicas are ready, "
          + "\(status.rollout.updated) are of the newest revision."
      )
    ]
  }
}
