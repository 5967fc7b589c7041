import Deployment
import Presentation
import StackModel

/// A run as the page that shows it, and as the code that a process ends with.
enum RunView {
  static func page(_ run: Run, at now: Timestamp) -> RunPage {
    RunPage(
      run: run.id,
      facts: [
        run.branch.map { "branch \($0)" }, run.commit.map { "commit \($0.prefix(12))" },
        run.image.map { "image \($0)" },
        run.versionTag.map { "version \($0)" },
      ].compactMap(\.self),
      rows: run.tasks.map { row($0, at: now) },
      status: run.status,
      result: run.result,
      next: next(run)
    )
  }

  private static func row(_ task: RunTask, at now: Timestamp) -> RunPage.Row {
    var row = RunPage.Row(task: task.name, stack: task.stack.description, status: task.status)
    row.result = task.result
    row.isUnchanged = task.isUnchanged
    row.applied = task.status == .completed ? task.changes : nil
    row.journal = task.jobs.isEmpty ? nil : task.journal
    if let start = task.startedAt, task.status == .running || task.status == .completed {
      row.seconds = max(0, (task.finishedAt ?? now).seconds(since: start))
    }
    row.note = task.reason
    if let decision = task.decision, decision.isApproved {
      let approved = decision.summary + (decision.reason.map { ": \($0)" } ?? "")
      row.note = [approved, task.reason].compactMap(\.self).joined(separator: "; ")
    }
    return row
  }

  private static func next(_ run: Run) -> [String] {
    let open = run.tasks.filter { $0.status == .awaitingApproval }.map(\.name)
    guard open.isEmpty else {
      return open.flatMap { task in
        ["stackjob approve \(run.id) \(task)", "stackjob reject \(run.id) \(task) --reason TEXT"]
      }
    }
    switch run.result {
    case nil where run.status == .queued, .failed, .cancelled: return ["stackjob resume \(run.id)"]
    default: return []
    }
  }

  /// What a process ends with that has gone as far as it can.
  static func exitCode(_ run: Run) -> ExitCode {
    switch run.result {
    case .succeeded, .skipped: .done
    case .failed: run.tasks.first { $0.result == .failed }?.exitCode ?? .failed
    case .rejected: .failed
    case .cancelled: .cancelled
    case nil:
      if run.tasks.contains(where: { $0.status == .queued && $0.exitCode == .locked }) {
        .locked
      } else if run.status == .awaitingApproval {
        .awaitingApproval
      } else {
        .cancelled
      }
    }
  }
}
