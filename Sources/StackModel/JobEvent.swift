/// One fact about a job.
///
/// The events of a job are numbered from 1 without gaps. Terminal output, Markdown, JSON documents
/// and the journal are all made from them and from nothing else. The written form is described in
/// `docs/events.md` and `docs/events.schema.json`.
package struct JobEvent: Sendable {
  package var seq: Int
  package var time: Timestamp
  package var job: String
  package var stack: StackID
  package var body: Body

  package init(seq: Int, time: Timestamp, job: String, stack: StackID, body: Body) {
    self.seq = seq
    self.time = time
    self.job = job
    self.stack = stack
    self.body = body
  }

  package enum Body: Sendable {
    case jobStarted(operation: Operation, engine: EngineName, manifest: String, version: String)
    case jobFinished(JobFinished)
    /// Before anything is asked of the platform.
    case providerSelected(ProviderTarget)
    case phaseStarted(Phase)
    case phaseFinished(Phase, JobResult, seconds: Double)
    case toolStarted(tool: String, version: String, arguments: [String], pid: Int)
    case toolFinished(tool: String, exit: ToolExit, seconds: Double)
    case diagnostic(EngineDiagnostic)
    case resourcePlanned(PlannedChange)
    case resourceDrifted(PlannedChange)
    case resourceStarted(ResourceStep)
    case resourceProgress(ResourceStep)
    case resourceFinished(ResourceStep)
    case resourceFailed(ResourceStep)
    /// While an apply waits for the platform.
    case rolloutProgress(RolloutProgress)
    case planReady(PlanReady)
    case applied(ChangeSummary)
    case output(StackOutput)
    case stateSaved(StateSaved)
    case lockAcquired(id: String)
    case lockReleased(id: String)
    case approvalRequested(digest: String)
    case approvalDecided(approved: Bool, by: String, how: String)
    case interrupted(Interruption)
    case log(stream: String, line: String)
  }
}

/// How a child process ended.
package enum ToolExit: Sendable, Hashable {
  case code(Int)
  case signal(Int)

  package var isSuccess: Bool { self == .code(0) }
}

/// A plan that is ready to be looked at.
package struct PlanReady: Sendable {
  package var summary: ChangeSummary
  /// What an approval refers to; nil when the plan was not kept.
  package var digest: String?
  /// Outputs alone may change too.
  package var outputChanges: Int

  package init(summary: ChangeSummary, digest: String?, outputChanges: Int) {
    self.summary = summary
    self.digest = digest
    self.outputChanges = outputChanges
  }

  package var hasChanges: Bool { !summary.isEmpty || outputChanges > 0 }
}

/// A state snapshot that is safely on disk.
package struct StateSaved: Sendable {
  package var serial: Int
  package var lineage: String
  package var path: String

  package init(serial: Int, lineage: String, path: String) {
    self.serial = serial
    self.lineage = lineage
    self.path = path
  }
}

/// One step of work on one resource.
package struct ResourceStep: Sendable {
  package var address: String
  package var action: String
  /// Seconds since the step began.
  package var seconds: Int
  /// The id that the platform gave, once known.
  package var id: String?

  package init(address: String, action: String, seconds: Int = 0, id: String? = nil) {
    self.address = address
    self.action = action
    self.seconds = seconds
    self.id = id
  }
}

/// A user's request to stop, and what was done about it.
package struct Interruption: Sendable {
  package enum Step: String, Sendable {
    /// The engine was asked to stop; it finishes what is in flight and saves its state.
    case stopping
    /// A second request: nothing was sent, the user was told what force would lose.
    case warned
    /// The engine was killed.
    case forced
  }

  package var step: Step
  package var message: String

  package init(step: Step, message: String) {
    self.step = step
    self.message = message
  }
}

/// The last event of every job.
package struct JobFinished: Sendable {
  package var result: JobResult
  package var exitCode: ExitCode
  package var seconds: Double
  /// One sentence, for results other than success.
  package var reason: String?
  /// Serial of the newest state snapshot, where we keep the state.
  package var stateSerial: Int?
  package var lockReleased: Bool?

  package init(
    result: JobResult,
    exitCode: ExitCode,
    seconds: Double,
    reason: String? = nil,
    stateSerial: Int? = nil,
    lockReleased: Bool? = nil
  ) {
    self.result = result
    self.exitCode = exitCode
    self.seconds = seconds
    self.reason = reason
    self.stateSerial = stateSerial
    self.lockReleased = lockReleased
  }
}

/// A message of the engine about the program or about the platform, traced back to the manifest
/// where that is possible.
package struct EngineDiagnostic: Sendable, Hashable {
  /// The place in the generated program.
  package struct Snippet: Sendable, Hashable {
    package var file: String
    package var line: Int
    package var code: String

    package init(file: String, line: Int, code: String) {
      self.file = file
      self.line = line
      self.code = code
    }
  }

  package var severity: Diagnostic.Severity
  package var summary: String
  package var detail: String
  package var address: String?
  package var snippet: Snippet?
  /// What the snippet refers to, for example `var.alb.listener_port`: the trail back to the manifest.
  package var references: [String]
  /// The manifest field that the message is about, and where it stands.
  package var field: String?
  package var location: SourceLocation?

  package init(
    severity: Diagnostic.Severity,
    summary: String,
    detail: String,
    address: String? = nil,
    snippet: Snippet? = nil,
    references: [String] = [],
    field: String? = nil,
    location: SourceLocation? = nil
  ) {
    self.severity = severity
    self.summary = summary
    self.detail = detail
    self.address = address
    self.snippet = snippet
    self.references = references
    self.field = field
    self.location = location
  }
}
