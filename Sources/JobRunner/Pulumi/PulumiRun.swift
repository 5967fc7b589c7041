import Engines
import LocalFiles
import StackModel
import Synchronization
import ToolProcess
import Translation

/// Runs Pulumi's commands for the phases of one job and turns what it says into events.
final class PulumiRun: EngineRun {
  struct State {
    /// There is no such stack: nothing to look at and nothing to remove.
    var isMissing = false
    var preview: PulumiPreview?
    /// Whether the preview was saved as a plan that an update is held to.
    var hasPlan = false
  }

  let adapter: PulumiAdapter
  let environment: [String: String]
  let state = Mutex(State())

  init(adapter: PulumiAdapter, environment: [String: String]) {
    self.adapter = adapter
    self.environment = environment
  }

  var session: EngineSession { adapter.session }
  var job: Job { session.job }
  var journal: Journal { session.journal }
  var workspace: PulumiWorkspace { adapter.workspace }
  var change: PulumiCommand.Change {
    PulumiCommand.Change(refresh: job.refresh, parallelism: job.parallelism)
  }

  // MARK: Phases

  func initialize(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.`init`))
    var report = await openStack(&outcome)
    if report == .succeeded, runsProgram { report = await setSecrets(&outcome) }
    journal.append(.phaseFinished(.`init`, report.result, seconds: watch.seconds))
    return report
  }

  /// Operations on what the state holds run no program, and so need none of its config.
  private var runsProgram: Bool { job.flow.operation == .preview || job.flow.operation == .update }

  private func openStack(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let command: PulumiCommand =
      runsProgram ? .selectStack(secretsProvider: adapter.state.secretsProvider) : .openStack
    switch await call(command) {
    case .success: return .succeeded
    case .failure(let failure) where failure.exit == .noStack:
      if [.destroy, .destroyPreview].contains(job.flow.operation) {
        state.withLock { $0.isMissing = true }
        return .succeeded
      }
      let report = failed(&outcome, "The stack has no state", "There is nothing to look at: apply it first.")
      outcome.exitCode = .badData
      return report
    case .failure(let failure): return failed(&outcome, failure, "The stack cannot be opened")
    }
  }

  /// By standard input: everybody on the machine can read arguments.
  private func setSecrets(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    var values = job.program.secrets[Program.pulumiConfig] ?? [:]
    if let kubeconfig = job.connection?.kubeconfig { values["kubeconfig"] = Secret(kubeconfig.text()) }
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      // Pulumi takes one line feed at the end away.
      let input = Array((value.reveal() + "\n").utf8)
      guard case .failure(let failure) = await call(.setSecret(name), input: input) else { continue }
      return failed(&outcome, failure, "The secret config `\(name)` cannot be set")
    }
    return .succeeded
  }

  func plan(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let result = await preview(&outcome, planned: isLookAtState ? .drift : .told)
    guard case .succeeded = result else { return result }
    return job.flow.showsPlan ? .succeeded : ready(digest: nil, &outcome)
  }

  private var isLookAtState: Bool { job.flow.operation == .drift || job.flow.operation == .refresh }

  private func preview(_ outcome: inout JobOutcome, planned: PulumiLineReader.Planned) async
    -> JobMachine.Report
  {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.preview))
    let report = await runPreview(&outcome, planned: planned)
    journal.append(.phaseFinished(.preview, report.result, seconds: watch.seconds))
    return report
  }

  private func runPreview(_ outcome: inout JobOutcome, planned: PulumiLineReader.Planned) async
    -> JobMachine.Report
  {
    if state.withLock({ $0.isMissing }) {
      state.withLock { $0.preview = PulumiPreview(summary: ChangeSummary(), changes: []) }
      return .succeeded
    }
    let command: PulumiCommand =
      switch job.flow.operation {
      case .preview, .update: .preview(change, savePlan: PulumiWorkspace.planFile)
      case .destroyPreview, .destroy: .previewDestroy(change)
      case .drift, .outputs: .drift(change)
      case .refresh: .previewRefresh(change)
      }
    let result = await run(command, planned: planned)
    guard result.exit == .succeeded || result.exit == .changes else { return failed(&outcome, result) }
    guard let summary = result.collected.summary else {
      return failed(
        &outcome,
        "The preview ended without its summary",
        "What it has found so far may not be all of it, and is not counted."
      )
    }
    let changes = isLookAtState ? result.collected.drift : result.collected.planned
    state.withLock {
      $0.preview = PulumiPreview(summary: summary.changes, changes: changes)
      $0.hasPlan = LocalFiles.isFile(workspace.plan)
    }
    outcome.changes = result.collected.planned
    outcome.drift = result.collected.drift
    return .succeeded
  }

  func show(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    ready(digest: nil, &outcome)
  }

  private func ready(digest: String?, _ outcome: inout JobOutcome) -> JobMachine.Report {
    guard let preview = state.withLock({ $0.preview }) else { return .failed }
    let hasFound = !preview.summary.isEmpty
    // Like a refresh-only plan: what it finds is drift, and no change that it makes.
    let plan = PlanReady(
      summary: isLookAtState ? ChangeSummary() : preview.summary,
      digest: digest,
      outputChanges: 0
    )
    outcome.plan = plan
    journal.append(.planReady(plan))
    return .planned(hasChanges: plan.hasChanges || job.flow.operation == .refresh && hasFound)
  }

  func apply(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let command: PulumiCommand
    switch job.flow.operation {
    case .destroy, .destroyPreview: command = .destroy(change)
    case .refresh, .drift, .outputs: command = .refresh(change, clearsPendingCreates: false)
    case .preview, .update:
      let plan = state.withLock { $0.hasPlan } ? PulumiWorkspace.planFile : nil
      command = .update(change, plan: plan, message: "stackjob \(job.id)")
    }
    let watch = Stopwatch()
    journal.append(.phaseStarted(.update))
    let rollout = RolloutWatch(journal: journal)
    if let look = session.context.look { rollout.start(look.progress) }
    let result = await run(command, planned: .dropped, isGuarded: true)
    rollout.end()
    if let summary = result.collected.summary {
      outcome.applied = summary.changes
      journal.append(.applied(summary.changes))
    }
    var report: JobMachine.Report =
      result.exit == .succeeded ? .succeeded : failed(&outcome, result)
    if report == .succeeded, session.context.stop.isStopRequested { report = .cancelled }
    if report == .succeeded, job.flow.operation == .update { report = await tellOutputs(&outcome) }
    journal.append(.phaseFinished(.update, report.result, seconds: watch.seconds))
    return report
  }

  func readOutputs(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.outputs))
    let report = await tellOutputs(&outcome)
    journal.append(.phaseFinished(.outputs, report.result, seconds: watch.seconds))
    return report
  }

  private func tellOutputs(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    switch await call(.outputs) {
    case .success(let text):
      guard let json = try? JSONValue(parsing: text), let outputs = json.object else {
        return failed(
          &outcome,
          "The outputs cannot be read",
          "`pulumi stack output` printed no JSON document."
        )
      }
      outcome.outputs = outputs.map { name, value in
        StackOutput(name: name, value: value, isSensitive: value.string == "[secret]")
      }
      for output in outcome.outputs { journal.append(.output(output)) }
      return .succeeded
    case .failure(let failure): return failed(&outcome, failure, "The outputs cannot be read")
    }
  }

  func close(into outcome: inout JobOutcome) async {
    adapter.keepSettings()
    LeftProcesses.find(workspace: workspace.path, recorded: nil).endAll()
    Workspace(path: workspace.path).discard()
  }
}
