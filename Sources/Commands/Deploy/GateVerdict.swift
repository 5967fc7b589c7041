import Deployment
import JobRunner
import LocalFiles
import StackModel

/// Keeps somebody's word on a gate of a run.
struct GateVerdict {
  let access: RunAccess
  let run: Run
  /// Nil for the only gate that is open.
  var task: String?
  var isApproved: Bool
  var reason: String?

  /// - Returns: the run with the decision in it.
  func keep() throws -> Run {
    let task = try Console.get(openTask())
    try Console.require(access.unreadableDecisions(of: run))
    let decision = GateDecision(
      task: task,
      isApproved: isApproved,
      by: User.name(access.session.environment),
      at: WallClock.now(),
      reason: reason
    )
    do {
      try access.store.add(decision, to: run.id)
    } catch {
      guard error.alreadyExists else {
        try Console.require([RunAccess.unwritable(error)])
        return run
      }
      let earlier = access.store.decision(on: task, of: run.id)
      try Console.require([
        .error(
          "gate.decided",
          "the gate of \(task) was decided before" + (earlier.map { ": \($0.summary)" } ?? ""),
          hint: "a decision stands; make a new run for another"
        )
      ])
    }
    try fold()
    return try access.read(run.id)
  }

  /// Into the record, when no other process has it in its hands; that one sees the decision by itself.
  private func fold() throws {
    do {
      guard let lock = try access.store.lock(run.id) else { return }
      try access.store.write(try access.read(run.id))
      withExtendedLifetime(lock) {}
    } catch let error as FileError {
      // The decision is kept, and whoever reads the run sees it.
      Console.show([RunAccess.unwritable(error)])
    }
  }

  private func openTask() -> Result<String, DiagnosticFailure> {
    let open = run.tasks.filter { $0.status == .awaitingApproval }.map(\.name)
    let list = open.isEmpty ? "no gate of the run is open" : "open are \(open.joined(separator: ", "))"
    guard let task else {
      if open.count == 1 { return .success(open[0]) }
      return .failure(
        DiagnosticFailure(
          .error(
            "gate.not-open",
            open.isEmpty ? "no gate of the run \(run.id) is open" : "several gates are open; name one",
            hint: open.isEmpty ? "`stackjob run show \(run.id)` tells how far it is" : list
          )
        )
      )
    }
    if open.contains(task) { return .success(task) }
    guard let known = run[task: task] else {
      let names = run.tasks.map(\.name)
      return .failure(
        DiagnosticFailure(
          .error(
            "gate.unknown-task",
            "the run \(run.id) has no task `\(task)`",
            hint: Suggestion.nearest(to: task, among: names).map { "did you mean `\($0)`?" }
              ?? "its tasks are \(names.joined(separator: ", "))"
          )
        )
      )
    }
    let state: String
    if let decision = known.decision {
      state = "it was \(decision.summary)"
    } else if !known.rules.requiresManualGate {
      state = "it has no gate"
    } else {
      state = "it is \(known.result?.rawValue ?? known.status.rawValue)"
    }
    return .failure(
      DiagnosticFailure(.error("gate.not-open", "the gate of \(task) is not open: \(state)", hint: list))
    )
  }
}
