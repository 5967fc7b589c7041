import Digests
import Engines
import LocalFiles
import StackModel
import ToolProcess
import Translation

/// What Pulumi needs around a job: a workspace, its stack's settings, a lock that nobody dead holds.
struct PulumiAdapter: EngineAdapter {
  let session: EngineSession
  let tools: PulumiTools
  let state: PulumiState

  var job: Job { session.job }
  var context: JobContext { session.context }
  var folder: StackFolder { session.folder }
  var journal: Journal { session.journal }
  var workspace: PulumiWorkspace { PulumiWorkspace(path: session.files.workspace) }

  /// What Pulumi calls the stack.
  var stack: String { PulumiStackName.of(job.stack) { SHA256.digest(of: Array($0.utf8)) } }

  /// How it is named in commands.
  var stackArgument: String { state.organization.map { "\($0)/\(stack)" } ?? stack }

  func recover(into outcome: inout JobOutcome) async -> Bool {
    guard endLeftProcesses(into: &outcome) else { return false }
    JobHistory(folder).sweepWorkspaces()
    return true
  }

  func open() async throws -> any EngineRun {
    let kept = job.savedPlan?.stackSettings ?? folder.pulumiSettings
    try workspace.prepare(
      program: job.program,
      stack: stack,
      passphrase: state.passphrase,
      settings: LocalFiles.exists(kept) ? try LocalFiles.read(kept) : nil
    )
    if let saved = job.savedPlan { try take(saved) }
    if state.isManaged, let root = state.backend.folder { try LocalFiles.makeFolder(root) }
    try LocalFiles.makeFolder(tools.home)
    var environment = context.childEnvironment
    environment.merge(
      PulumiEnvironment.fixed(
        backend: state.backend,
        passphraseFile: state.passphrase == nil ? nil : workspace.passphrase,
        home: tools.home,
        temporary: workspace.temporary,
        allowsDownload: tools.allowsDownload
      )
    ) { $1 }
    return PulumiRun(adapter: self, environment: environment)
  }

  /// Copies a kept plan, and holds it against its record now that nobody else can change it.
  private func take(_ saved: PlanFolder) throws {
    let kept = "\(saved.path)/\(PulumiWorkspace.planFile)"
    if LocalFiles.exists(kept) {
      try LocalFiles.create(workspace.plan, with: try LocalFiles.read(kept), durably: false)
    }
    let preview = try LocalFiles.read("\(saved.path)/\(PulumiWorkspace.previewFile)")
    try LocalFiles.create(workspace.expectedPreview, with: preview, durably: false)
    let differences = saved.readRecord()?.digest.differences(from: try digest(preview)) ?? ["its record"]
    guard differences.isEmpty else { throw SavedPlanProblem(plan: saved, differences: differences) }
  }

  /// What a preview in the workspace depends on.
  func digest(_ preview: [UInt8]) throws(FileError) -> PlanDigest {
    try PlanDigest(
      pulumiPlan: workspace.plan,
      preview: preview,
      files: job.program.files,
      engineDigest: EngineCache(home: context.stateHome).digest(of: context.engine.path)
    )
  }

  /// Plugins outlive an engine that was killed, and go on with what they do.
  private func endLeftProcesses(into outcome: inout JobOutcome) -> Bool {
    guard let dead = session.lock.abandoned else { return true }
    let left = LeftProcesses.find(workspace: folder.job(dead.job).workspace, recorded: dead.engine)
    if let engine = left.engines.first {
      session.fail(
        &outcome,
        "Job \(dead.job) has died, but its engine works on",
        "Process \(engine.pid) still works on the stack. Wait for it to end and try again."
      )
      outcome.exitCode = .locked
      return false
    }
    left.endPlugins()
    journal.append(
      .diagnostic(
        EngineDiagnostic(
          severity: .warning,
          summary: "Job \(dead.job) died while it held the stack",
          detail: "Its lock was taken over: process \(dead.process.pid) and its engine are gone."
        )
      )
    )
    return true
  }

  /// Keeps the salt with which the stack's secrets are encrypted.
  func keepSettings() {
    guard let text = LocalFiles.text(workspace.settings(stack)) else { return }
    let kept = Array(PulumiWorkspace.keptSettings(text).utf8)
    if kept != (try? LocalFiles.read(folder.pulumiSettings)) {
      try? LocalFiles.replace(folder.pulumiSettings, with: kept)
    }
  }
}

extension StackFolder {
  /// The stack's settings for Pulumi, without its config; there once a job has made the stack.
  package var pulumiSettings: String { "\(path)/pulumi-stack.yaml" }

  /// The backend of a stack that has none of its own.
  package var pulumiBackend: String { "\(path)/pulumi" }
}
