package import StackModel

/// A deployment run as its tables show it.
package struct RunPage: Sendable {
  package struct Row: Sendable {
    package var task: String
    package var stack: String
    package var status: JobStatus
    package var result: JobResult?
    package var isUnchanged = false
    package var phase: Phase?
    package var seconds: Double?
    /// What the job's plan would do, until it is done.
    package var planned: ChangeSummary?
    package var applied: ChangeSummary?
    /// Why it ended as it did, or who decided.
    package var note: String?
    package var journal: String?

    package init(task: String, stack: String, status: JobStatus) {
      self.task = task
      self.stack = stack
      self.status = status
    }
  }

  package var run: String
  /// For example `branch main`, `image shop/web:1.4.2`.
  package var facts: [String]
  package var rows: [Row]
  package var status: JobStatus
  package var result: JobResult?
  /// What a person can do now, as commands.
  package var next: [String]

  package init(
    run: String,
    facts: [String],
    rows: [Row],
    status: JobStatus,
    result: JobResult?,
    next: [String] = []
  ) {
    self.run = run
    self.facts = facts
    self.rows = rows
    self.status = status
    self.result = result
    self.next = next
  }
}

extension RunPage {
  static func word(_ status: JobStatus) -> String {
    status == .awaitingApproval ? "awaiting approval" : status.rawValue
  }
}

extension RunPage.Row {
  /// `running`, `awaiting approval`, `succeeded`, `unchanged`.
  package var word: String {
    if isUnchanged { return "unchanged" }
    return result?.rawValue ?? RunPage.word(status)
  }

  var changes: String {
    if let applied { return Self.text(applied, done: true) }
    return planned.map { Self.text($0, done: false) } ?? ""
  }

  private static func text(_ summary: ChangeSummary, done: Bool) -> String {
    if summary.isEmpty { return "no changes" }
    let parts: [(Int, String, String)] = [
      (summary.add, "added", "to add"), (summary.change, "changed", "to change"),
      (summary.remove, "removed", "to remove"), (summary.import, "imported", "to import"),
    ]
    return parts.filter { $0.0 > 0 }.map { "\($0.0) \(done ? $0.1 : $0.2)" }.joined(separator: ", ")
  }

  var time: String { seconds.map(DurationText.of) ?? "" }

  var role: Style.Role {
    switch (status, result) {
    case (_, .succeeded): .success
    case (_, .failed), (_, .rejected): .error
    case (_, .cancelled), (.awaitingApproval, _): .warning
    case (.running, _): .info
    default: .dim
    }
  }
}
