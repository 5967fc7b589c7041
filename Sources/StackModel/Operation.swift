/// What a job does.
package enum Operation: String, Sendable, CaseIterable {
  /// Says what an update would change.
  case preview
  case update
  /// Says what a destroy would remove.
  case destroyPreview = "destroy-preview"
  case destroy
  /// Brings the state up to what is really there, changing no resource.
  case refresh
  /// Says what `refresh` would bring in: what was changed behind our back.
  case drift
  /// Reads the outputs that the state holds.
  case outputs
}

/// A step of an operation.
package enum Phase: String, Sendable, CaseIterable {
  case prepare, `init`, refresh, preview, approval, update, outputs
}

/// Where a job is in its life.
package enum JobStatus: String, Sendable, CaseIterable {
  case queued, running
  case awaitingApproval = "awaiting_approval"
  case completed
}

/// How a completed job ended.
package enum JobResult: String, Sendable, CaseIterable {
  case succeeded, failed, cancelled, rejected, skipped
}

/// The tool that carries a program out.
package enum EngineName: String, Sendable, CaseIterable {
  case terraform, tofu, pulumi
}

/// What the process ends with. Scripts depend on these: `docs/exit-codes.md`.
package enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  /// The operation failed.
  case failed = 1
  /// `plan --detailed-exitcode` or `drift` found changes.
  case changes = 2
  /// A deployment waits at a gate until somebody decides.
  case awaitingApproval = 3
  case usage = 64
  /// Bad manifest, settings or other data.
  case badData = 65
  /// A tool, provider or server is not available.
  case unavailable = 69
  /// The stack is locked by another job; try again.
  case locked = 75
  /// Credentials were refused or are missing.
  case credentials = 77
  /// Cancelled by the user.
  case cancelled = 130
}
