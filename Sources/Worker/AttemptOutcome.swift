package import JobSources
package import StackModel

/// What a supervisor writes when its attempt is over.
package struct AttemptOutcome: Sendable {
  package var step: QueuedJob.Step
  package var result: JobResult
  package var exitCode: Int
  package var reason: String?
  /// Of the plan that was kept; nil when none was, or it has no changes.
  package var digest: String?
  package var diagnostics: [JSONValue]
  package var journal: String?
  /// The engine was killed: what it had not saved, nobody knows.
  package var lostEngine = false

  package init(
    step: QueuedJob.Step,
    result: JobResult,
    exitCode: Int,
    reason: String?,
    digest: String?,
    diagnostics: [JSONValue],
    journal: String?
  ) {
    self.step = step
    self.result = result
    self.exitCode = exitCode
    self.reason = reason
    self.digest = digest
    self.diagnostics = diagnostics
    self.journal = journal
  }

  package var json: JSONValue {
    [
      "step": .string(step.rawValue), "result": .string(result.rawValue), "exit_code": .int(exitCode),
      "reason": .optional(reason), "digest": .optional(digest), "diagnostics": .array(diagnostics),
      "journal": .optional(journal), "lost_engine": .bool(lostEngine),
    ]
  }

  package init?(json: JSONValue) {
    guard let step = json["step"]?.string.flatMap(QueuedJob.Step.init),
      let result = json["result"]?.string.flatMap(JobResult.init), let exitCode = json["exit_code"]?.int
    else { return nil }
    self.init(
      step: step,
      result: result,
      exitCode: exitCode,
      reason: json["reason"]?.string,
      digest: json["digest"]?.string,
      diagnostics: json["diagnostics"]?.array ?? [],
      journal: json["journal"]?.string
    )
    lostEngine = json["lost_engine"]?.bool ?? false
  }

  /// What becomes of the job.
  ///
  /// - Parameters:
  ///   - interruption: why a change was cut short in an earlier attempt.
  ///   - hasBegunChange: whether this attempt came to its change.
  package func settlement(interruption: String?, hasBegunChange: Bool) -> Settlement {
    if lostEngine, result == .failed {
      return hasBegunChange
        ? .inspect(
          reason:
            "interrupted: its engine was killed in the middle of a change, and the state may lack what it made"
        ) : .retry(reason: "interrupted: its engine was killed before anything was changed")
    }
    if exitCode == Int(ExitCode.locked.rawValue), result == .failed, !hasBegunChange {
      return .wait(reason: "waits: \(reason ?? "its stack is locked")")
    }
    if step == .inspect {
      let interruption = interruption ?? "interrupted"
      if result == .succeeded, let digest {
        return .awaitingApproval(
          digest: digest,
          reason: "\(interruption); the preview shows what is left to do, and needs a decision"
        )
      }
      let look = result == .succeeded ? "the preview finds nothing left to do" : "the preview failed as well"
      return .completed(
        .interrupted,
        exitCode: exitCode,
        reason: "\(interruption); \(look)",
        diagnostics: diagnostics
      )
    }
    if step == .plan, result == .succeeded, let digest {
      return .awaitingApproval(digest: digest, reason: nil)
    }
    let ending: QueuedJob.Result =
      switch result {
      case .succeeded, .skipped: .succeeded
      case .failed: .failed
      case .cancelled: .cancelled
      case .rejected: .rejected
      }
    return .completed(
      ending,
      exitCode: exitCode,
      reason: reason ?? (step == .plan && result == .succeeded ? "the plan has no changes" : nil),
      diagnostics: diagnostics
    )
  }
}
