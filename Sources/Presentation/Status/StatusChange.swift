package import StackModel

/// What is new since the last look, as one line for a log.
package enum StatusChange {
  /// Nil when nothing changed that a reader of a log waits for.
  package static func line(from earlier: ServiceStatus?, to status: ServiceStatus) -> String? {
    let now = facts(status)
    let told = Set(earlier?.problems.flatMap(words) ?? [])
    let fresh = status.problems.flatMap(words).filter { !told.contains($0) }
    guard now != earlier.map(facts) || !fresh.isEmpty else { return nil }
    return ([time(status.fetchedAt)] + now + fresh).joined(separator: "  ")
  }

  /// Whether a machine's reader is told of it: anything but the time is something.
  package static func isNew(_ status: ServiceStatus, since earlier: ServiceStatus?) -> Bool {
    guard var earlier else { return true }
    earlier.fetchedAt = status.fetchedAt
    return earlier != status
  }

  private static func facts(_ status: ServiceStatus) -> [String] {
    var facts = [status.health.rawValue, StatusText.progress(status.rollout)]
    if let revision = status.rollout.revision { facts.append("revision \(SafeText.line(revision))") }
    facts.append(StatusText.replicas(status.replicas))
    let isBad = status.health == .failed
    if isBad, let reason = status.rollout.reason { facts.append(SafeText.line(reason)) }
    return facts
  }

  private static func words(_ problem: ServiceStatus.Problem) -> [String] {
    guard !problem.reasons.isEmpty else { return [] }
    return ["\(SafeText.line(problem.subject)): \(SafeText.line(problem.reasons.joined(separator: "; ")))"]
  }

  /// For example `09:30:00Z`.
  private static func time(_ timestamp: Timestamp) -> String {
    "\(timestamp.description.dropFirst(11).prefix(8))Z"
  }
}
