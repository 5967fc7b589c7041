package import StackModel

/// What is known of a job in a queue, beside its document.
package struct QueuedJob: Sendable {
  package enum Status: String, Sendable, CaseIterable {
    case queued, running
    case awaitingApproval = "awaiting_approval"
    case completed
  }

  package enum Result: String, Sendable, CaseIterable {
    case succeeded, failed, cancelled, rejected
    /// Cut short in the middle of a change. With `awaitingApproval`: somebody has to decide on what is left of it.
    case interrupted
  }

  /// What the next attempt does.
  package enum Step: String, Sendable {
    case whole
    /// Make the plan that somebody decides on.
    case plan
    /// Carry out the plan that was approved.
    case applyPlan = "apply-plan"
    /// Make a preview after an interrupted change.
    case inspect
  }

  package var id: String
  package var status = Status.queued
  package var result: Result?
  package var operation: String
  package var stack: String?
  package var isSandbox = false
  package var priority = 0
  package var step = Step.whole
  /// How often it was started.
  package var attempts = 0
  /// The highest fencing token that a claim of it has had and that is in no lease any more.
  package var token = 0
  /// How many attempts were cut short since it was submitted or run again.
  package var losses = 0
  /// How often in a row it found its stack locked.
  package var waits = 0
  /// Milliseconds since 1970; it is not claimed before.
  package var waitsUntil: Int64?
  /// The attempts that were cut short.
  package var interrupted: [Int] = []
  package var reason: String?
  package var exitCode: Int?
  package var submitted: String
  /// When it was asked to run once more, the last time.
  package var rerun: String?
  package var started: String?
  package var finished: String?
  /// Of the plan that waits for a decision.
  package var digest: String?
  package var decidedBy: String?
  package var approvalLimit: Int?
  package var isDeadLetter = false
  package var cancelRequestedBy: String?
  package var labels: JSONValue = [:]
  /// Who is told of its changes.
  package var callback: String?
  /// How many of its changes somebody was to be told of.
  package var changes = 0
  package var diagnostics: [JSONValue] = []

  package init(id: String, operation: String, submitted: String) {
    self.id = id
    self.operation = operation
    self.submitted = submitted
  }

  package var json: JSONValue {
    [
      "id": .string(id), "stack": .optional(stack), "operation": .string(operation),
      "status": .string(status.rawValue), "result": .optional(result?.rawValue),
      "attempts": .int(attempts), "interrupted_attempts": .array(interrupted.map(JSONValue.int)),
      "token": .int(token), "losses": .int(losses), "waits": .int(waits),
      "waits_until": .optional(waitsUntil.map(Int.init)),
      "reason": .optional(reason), "exit_code": .optional(exitCode),
      "sandbox": .bool(isSandbox), "priority": .int(priority), "step": .string(step.rawValue),
      "submitted": .string(submitted), "rerun": .optional(rerun), "started": .optional(started),
      "finished": .optional(finished),
      "digest": .optional(digest), "decided_by": .optional(decidedBy),
      "approval_limit": .optional(approvalLimit), "dead_letter": .bool(isDeadLetter),
      "cancel_requested_by": .optional(cancelRequestedBy), "labels": labels,
      "callback": .optional(callback), "changes": .int(changes),
      "diagnostics": .array(diagnostics),
    ]
  }

  package init?(json: JSONValue) {
    guard let id = json["id"]?.string, let operation = json["operation"]?.string,
      let submitted = json["submitted"]?.string
    else { return nil }
    self.init(id: id, operation: operation, submitted: submitted)
    status = json["status"]?.string.flatMap(Status.init) ?? .queued
    result = json["result"]?.string.flatMap(Result.init)
    stack = json["stack"]?.string
    isSandbox = json["sandbox"]?.bool ?? false
    priority = json["priority"]?.int ?? 0
    step = json["step"]?.string.flatMap(Step.init) ?? .whole
    attempts = json["attempts"]?.int ?? 0
    interrupted = json["interrupted_attempts"]?.array?.compactMap(\.int) ?? []
    token = json["token"]?.int ?? 0
    losses = json["losses"]?.int ?? interrupted.count
    waits = json["waits"]?.int ?? 0
    waitsUntil = json["waits_until"]?.int.map(Int64.init)
    reason = json["reason"]?.string
    exitCode = json["exit_code"]?.int
    rerun = json["rerun"]?.string
    started = json["started"]?.string
    finished = json["finished"]?.string
    digest = json["digest"]?.string
    decidedBy = json["decided_by"]?.string
    approvalLimit = json["approval_limit"]?.int
    isDeadLetter = json["dead_letter"]?.bool ?? false
    cancelRequestedBy = json["cancel_requested_by"]?.string
    labels = json["labels"] ?? [:]
    callback = json["callback"]?.string
    changes = json["changes"]?.int ?? 0
    diagnostics = json["diagnostics"]?.array ?? []
  }

  /// What no two running jobs may share.
  package var stackKey: String? { stack.map { "\(isSandbox) \($0)" } }
}
