package import StackModel

/// What is known of one job, gathered from its events.
///
/// The JSON document and the Markdown of a job are made from it. It keeps facts, never lines: log
/// events and progress leave no trace, so that a job's size in memory is that of its plan.
package struct JobRecord: Sendable {
  package private(set) var job: String?
  package private(set) var stack: StackID?
  package private(set) var operation: Operation?
  package private(set) var engine: EngineName?
  package private(set) var engineVersion: String?
  package private(set) var manifest: String?
  package private(set) var version: String?
  package private(set) var target: ProviderTarget?
  package private(set) var plan: PlanReady?
  /// Without those that stay as they are.
  package private(set) var changes: [PlannedChange] = []
  package private(set) var drift: [PlannedChange] = []
  package private(set) var applied: ChangeSummary?
  package private(set) var outputs: [StackOutput] = []
  package private(set) var diagnostics: [EngineDiagnostic] = []
  package private(set) var savedSerial: Int?
  package private(set) var end: JobFinished?
  /// Where the job's events lie, set by whoever knows.
  package var journal: String?

  package init() {}

  package mutating func add(_ event: JobEvent) {
    job = event.job
    stack = event.stack
    switch event.body {
    case .jobStarted(let operation, let engine, let manifest, let version):
      self.operation = operation
      self.engine = engine
      self.manifest = manifest
      self.version = version
    case .jobFinished(let end): self.end = end
    case .providerSelected(let target): self.target = target
    case .toolStarted(_, let version, _, _): engineVersion = version
    case .diagnostic(let diagnostic): diagnostics.append(diagnostic)
    case .resourcePlanned(let change): if change.isWorthTelling { changes.append(change) }
    case .resourceDrifted(let change): drift.append(change)
    case .planReady(let plan): self.plan = plan
    case .applied(let summary): applied = summary
    case .output(let output):
      outputs.removeAll { $0.name == output.name }
      outputs.append(output)
    case .stateSaved(let state): savedSerial = state.serial
    case .phaseStarted, .phaseFinished, .toolFinished, .rolloutProgress, .resourceStarted, .resourceProgress,
      .resourceFinished, .resourceFailed, .lockAcquired, .lockReleased, .approvalRequested,
      .approvalDecided, .interrupted, .log:
      break
    }
  }
}
