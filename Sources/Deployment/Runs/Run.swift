package import StackModel

/// One deployment of a service repository: what is to be deployed where, and how far it has come.
///
/// Everything that a later process needs to go on with it, and nothing that is secret: manifests keep their
/// references.
package struct Run: Sendable, Hashable {
  package var id: String
  package var createdAt: Timestamp
  package var createdBy: String
  /// The folder that was deployed, for people.
  package var folder: String
  package var branch: String?
  package var commit: String?
  package var image: String?
  package var versionTag: String?
  /// Files of variables and secrets, as they were named on the command line, from the root.
  package var references: [String]
  /// Folders of kinds, likewise.
  package var templates: [String]
  /// The pipeline file's sources of references, as they stand there.
  package var sources: JSONValue?
  package var engine: EngineName?
  /// The queue that jobs are handed to, from the root; nil when the process runs them itself.
  package var queue: String?
  /// How many tasks may run at once.
  package var parallel: Int
  /// In the order in which they run.
  package var tasks: [RunTask]

  package init(
    id: String,
    createdAt: Timestamp,
    createdBy: String,
    folder: String,
    branch: String? = nil,
    commit: String? = nil,
    image: String? = nil,
    versionTag: String? = nil,
    references: [String] = [],
    templates: [String] = [],
    sources: JSONValue? = nil,
    engine: EngineName? = nil,
    queue: String? = nil,
    parallel: Int = 1,
    tasks: [RunTask]
  ) {
    self.id = id
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.folder = folder
    self.branch = branch
    self.commit = commit
    self.image = image
    self.versionTag = versionTag
    self.references = references
    self.templates = templates
    self.sources = sources
    self.engine = engine
    self.queue = queue
    self.parallel = parallel
    self.tasks = tasks
  }

  package subscript(task name: String) -> RunTask? { tasks.first { $0.name == name } }

  package var status: JobStatus {
    if tasks.allSatisfy({ $0.status == .completed }) { return .completed }
    if tasks.contains(where: { $0.status == .running }) { return .running }
    return tasks.contains { $0.status == .awaitingApproval } ? .awaitingApproval : .queued
  }

  /// How it ended; nil while it has not.
  package var result: JobResult? {
    guard status == .completed else { return nil }
    // The worst that happened to a task.
    for result in [JobResult.rejected, .failed, .cancelled]
    where tasks.contains(where: { $0.result == result }) { return result }
    return .succeeded
  }
}

/// One overlay on its way to one stack.
package struct RunTask: Sendable, Hashable {
  /// The overlay's folder name.
  package var name: String
  package var stack: StackID
  /// The tasks that have to be done before this one.
  package var after: [String]
  package var rules: TaskRules
  package var status = JobStatus.queued
  package var result: JobResult?
  /// One sentence, for results other than success.
  package var reason: String?
  package var exitCode: ExitCode?
  /// It needs no deployment: what it would deploy is deployed. Told apart from a task that was skipped because
  /// an earlier one went wrong.
  package var isUnchanged = false
  package var startedAt: Timestamp?
  package var finishedAt: Timestamp?
  /// The jobs that were begun for it, oldest first; more than one after a crash or a retry.
  package var jobs: [String] = []
  package var journal: String?
  package var changes: ChangeSummary?
  /// SHA-256 of all that decides what is deployed: module, values, revisions of secrets, backend, platform, engine.
  package var inputs: String
  package var gateOpenedAt: Timestamp?
  package var decision: GateDecision?

  package init(
    name: String,
    stack: StackID,
    after: [String] = [],
    rules: TaskRules = TaskRules(),
    inputs: String
  ) {
    self.name = name
    self.stack = stack
    self.after = after
    self.rules = rules
    self.inputs = inputs
  }

  /// What later tasks may build on.
  package var isDone: Bool { status == .completed && (result == .succeeded || isUnchanged) }
}

/// What a pipeline file says about one environment's task.
package struct TaskRules: Sendable, Hashable {
  package var requiresManualGate = false
  /// How long a gate stays open, in seconds; nil for ever.
  package var gateExpirySeconds: Int?
  /// The state is trusted and the platform not asked before the plan.
  package var skipsRefresh = false
  /// A preview is made and kept in its journal before the update.
  package var previewsFirst = false
  package var engine: EngineName?
  /// `type` and `config` as in the settings.
  package var backend: JSONValue?

  package init() {}
}

/// Somebody's word on a gate.
package struct GateDecision: Sendable, Hashable {
  package var task: String
  package var isApproved: Bool
  package var by: String
  package var at: Timestamp
  package var reason: String?

  package init(task: String, isApproved: Bool, by: String, at: Timestamp, reason: String?) {
    self.task = task
    self.isApproved = isApproved
    self.by = by
    self.at = at
    self.reason = reason
  }

  /// For example `approved by ana at 2026-03-01T09:30:00.000Z`.
  package var summary: String { "\(isApproved ? "approved" : "rejected") by \(by) at \(at)" }
}
