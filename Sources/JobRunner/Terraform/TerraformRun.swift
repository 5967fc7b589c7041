import Engines
import LocalFiles
import ProviderHost
import StackModel
import ToolProcess
import Translation

/// Runs the commands of Terraform or OpenTofu for the phases of one job and turns what it says into events.
struct TerraformRun: EngineRun {
  let adapter: TerraformAdapter
  let environment: [String: String]
  let route: ProviderRoute
  let server: StateServer?

  var session: EngineSession { adapter.session }
  var job: Job { session.job }
  var journal: Journal { session.journal }
  var workspace: Workspace { Workspace(path: session.files.workspace) }

  // MARK: Phases

  func initialize(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let watch = Stopwatch()
    if await route.prepareInit() {
      journal.append(.phaseStarted(.`init`))
      journal.append(.phaseFinished(.`init`, .skipped, seconds: watch.seconds))
      return .succeeded
    }
    let report = await phase(.`init`, .initialize, &outcome).report
    guard report == .succeeded, let message = await route.takeOver() else { return report }
    guard message.severity == .error else {
      journal.append(.diagnostic(message))
      return report
    }
    return failed(&outcome, message.summary, message.detail)
  }

  func plan(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let command = TerraformCommand.plan(
      TerraformCommand.Plan(
        mode: mode,
        outFile: Workspace.planFile,
        refresh: job.refresh,
        parallelism: job.parallelism,
        replace: job.replace
      )
    )
    // What is planned is told in full by the show phase, if there is one.
    let result = await phase(.preview, command, &outcome, dropsPlannedChanges: job.flow.showsPlan)
    guard result.report == .succeeded else { return result.report }
    if !job.flow.showsPlan {
      outcome.changes = result.collected.planned
      return ready(
        PlanReady(
          summary: result.collected.planSummary ?? ChangeSummary(counting: outcome.changes),
          digest: nil,
          outputChanges: result.collected.outputChanges
        ),
        refreshes: result.collected.refreshes,
        &outcome
      )
    }
    return .succeeded
  }

  private var mode: TerraformCommand.Plan.Mode {
    switch job.flow.operation {
    case .preview, .update: .update
    case .destroyPreview, .destroy: .destroy
    case .refresh, .drift, .outputs: .refreshOnly
    }
  }

  func show(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let json: JSONValue
    let plan: TerraformPlan
    switch await planned(&outcome) {
    case .success(let found): (json, plan) = (found.document, found.plan)
    case .failure(let end): return end.report
    }
    if let refusal = await refusalToResend(json) {
      let report = failed(&outcome, refusal.summary, refusal.detail)
      outcome.exitCode = .badData
      return report
    }
    outcome.changes = plan.changes
    outcome.drift = plan.drift
    for change in plan.drift { journal.append(.resourceDrifted(change)) }
    for change in plan.changes { journal.append(.resourcePlanned(change)) }
    let digest: String?
    do throws(FileError) {
      digest = try planDigest(document: json)
    } catch {
      return failed(&outcome, "The plan cannot be kept", error.description)
    }
    let ready = PlanReady(summary: plan.summary, digest: digest, outputChanges: plan.outputChanges)
    return self.ready(ready, refreshes: plan.hasRefreshChanges, &outcome)
  }

  private struct Planned {
    var document: JSONValue
    var plan: TerraformPlan
  }

  /// Who keeps the plan wants all that the engine says of it; otherwise what will be done is enough, and that we can read.
  private func planned(_ outcome: inout JobOutcome) async -> Result<Planned, CommandEnd> {
    let owned = job.program.ownedAttributes
    if job.planOut == nil, let file = await route.readPlan("\(workspace.path)/\(Workspace.planFile)"),
      let plan = TerraformPlan(
        file: file,
        words: TypesInUse.words(in: job.program.files.map(\.bytes)),
        owned: owned
      )
    {
      return .success(Planned(document: file, plan: plan))
    }
    return await document(.show(planFile: Workspace.planFile), "The plan cannot be read", &outcome)
      .map { Planned(document: $0, plan: TerraformPlan(json: $0, owned: owned)) }
  }

  /// Why a kept plan is not applied though it is the very plan that was kept.
  private func refusalToResend(_ plan: JSONValue) async -> (summary: String, detail: String)? {
    guard job.flow.appliesSavedPlan, let look = session.context.look,
      let planned = ResentReplicas.numbers(in: plan).first, let now = await look.replicas(),
      now != planned.replicas
    else { return nil }
    return (
      "The number of pods has changed since the plan was made",
      "\(planned.address) has \(now) now and had \(planned.replicas); applying this plan would set it back. "
        + "Make a new plan."
    )
  }

  /// What an approval of this plan names; nil where nobody keeps the plan or is asked about it.
  private func planDigest(document: JSONValue) throws(FileError) -> String? {
    if let folder = job.planOut { return try keepPlan(in: folder, document: document) }
    // The engine's init may have touched the lock file since: the plan's own record counts.
    if let saved = job.savedPlan { return saved.readRecord()?.digest.combined }
    guard job.flow.needsApproval else { return nil }
    return try session.context.planDigest(workspace, job.program).combined
  }

  private func keepPlan(in folder: PlanFolder, document: JSONValue) throws(FileError) -> String {
    let digest = try session.context.planDigest(workspace, job.program)
    var files = [Program.File(path: Workspace.planFile, bytes: try LocalFiles.read(workspace.plan))]
    if LocalFiles.exists(workspace.dependencyLock) {
      let lock = try LocalFiles.read(workspace.dependencyLock)
      files.append(Program.File(path: "program/\(Workspace.lockFile)", bytes: lock))
    }
    try folder.keep(
      files,
      program: job.program,
      document: journal.redactor.redact(document),
      record: session.planRecord(digest)
    )
    return digest.combined
  }

  /// A refresh-only plan has no changes to count: what it brings in is what the refresh found.
  private func ready(
    _ plan: PlanReady,
    refreshes: Bool,
    _ outcome: inout JobOutcome
  ) -> JobMachine.Report {
    outcome.plan = plan
    journal.append(.planReady(plan))
    return .planned(hasChanges: plan.hasChanges || mode == .refreshOnly && refreshes)
  }

  func apply(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    if let problem = route.problemBeforeApply() { return failed(&outcome, problem.summary, problem.detail) }
    let command = TerraformCommand.apply(planFile: Workspace.planFile, parallelism: job.parallelism)
    // The apply of a saved plan repeats what it is about to do, which has been told.
    let watch = RolloutWatch(journal: journal)
    if let look = session.context.look { watch.start(look.progress) }
    let result = await phase(.update, command, &outcome, dropsPlannedChanges: true) { watch.end() }
    outcome.applied = result.collected.applySummary
    outcome.outputs = result.collected.outputs
    return result.report
  }

  func readOutputs(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.outputs))
    let report: JobMachine.Report
    switch await document(.output, "The outputs cannot be read", &outcome) {
    case .success(let json):
      outcome.outputs = (json.object ?? [:]).map { StackOutput(name: $0.key, terraform: $0.value) }
      for output in outcome.outputs { journal.append(.output(output)) }
      report = .succeeded
    case .failure(let end): report = end.report
    }
    journal.append(.phaseFinished(.outputs, report.result, seconds: watch.seconds))
    return report
  }

  func close(into outcome: inout JobOutcome) async {
    await route.stop()
    await server?.stop()
    adapter.adoptErroredState(into: &outcome)
    adapter.keepDependencyLock()
    workspace.discard()
  }
}
