import Engines
import LocalFiles
import StackModel
import ToolProcess
import Translation

/// The part of a job that has the stack's lock: it drives the engine through the phases.
struct EngineSession {
  let job: Job
  let context: JobContext
  let folder: StackFolder
  let files: JobFolder
  let journal: Journal
  let lock: StackLock

  var workspace: Workspace { Workspace(path: files.workspace) }

  func run(into outcome: inout JobOutcome) async {
    guard recoverAbandonedState(into: &outcome), isStateWhole(&outcome), isTargetKnown(&outcome) else {
      return
    }
    let prepared = Stopwatch()
    journal.append(.phaseStarted(.prepare))
    var server: StateServer?
    do {
      try prepareWorkspace()
      server = try await startStateServer()
    } catch {
      journal.append(.phaseFinished(.prepare, .failed, seconds: prepared.seconds))
      fail(&outcome, "The workspace cannot be prepared", String(describing: error))
      workspace.discard()
      return
    }
    journal.append(.phaseFinished(.prepare, .succeeded, seconds: prepared.seconds))

    let environment = environment(server)
    let route = ProviderRoute(
      job: job,
      context: context,
      workspace: workspace,
      environment: environment,
      states: StateStore(folder),
      say: { [journal] in journal.append(.log(stream: "stderr", line: $0)) }
    )
    await drive(EngineRun(session: self, environment: environment, route: route), into: &outcome)

    await route.stop()
    await server?.stop()
    adoptErroredState(into: &outcome)
    keepDependencyLock()
    workspace.discard()
  }

  /// Follows the machine until it says how the job ended.
  private func drive(_ engine: EngineRun, into outcome: inout JobOutcome) async {
    var machine = JobMachine(job.flow)
    var action = machine.first
    while true {
      if case .finish(let result) = action {
        outcome.finish(result)
        await look(after: result, &outcome)
        return
      }
      // A stop between two phases starts nothing new.
      let report =
        context.stop.isStopRequested ? .cancelled : await perform(action, engine, &outcome)
      action = machine.next(after: report)
    }
  }

  /// What the engine cannot tell of a roll-out. Of a failed one it gives the last count it saw and no reason. And
  /// one that failed is in the state as if it had not, so that the next plan says "no changes": there the
  /// service counts, not the plan.
  private func look(after result: JobResult, _ outcome: inout JobOutcome) async {
    guard let look = context.look, !context.stop.isStopRequested else { return }
    let failedApply = result == .failed && outcome.plan?.hasChanges == true
    let emptyPlan = result == .succeeded && outcome.plan?.hasChanges == false
    switch job.flow.operation {
    case .update where failedApply || emptyPlan, .preview where emptyPlan: break
    default: return
    }
    let problems = await look.problems()
    for problem in problems { journal.append(.diagnostic(problem)) }
    guard emptyPlan, job.flow.operation == .update,
      let first = problems.first(where: { $0.severity == .error })
    else { return }
    outcome.result = .failed
    outcome.exitCode = .failed
    outcome.reason = "nothing is to be changed, but the service does not run: \(first.summary)"
  }

  private func perform(
    _ action: JobMachine.Action,
    _ engine: EngineRun,
    _ outcome: inout JobOutcome
  ) async -> JobMachine.Report {
    switch action {
    case .initialize: await engine.initialize(&outcome)
    case .plan: await engine.plan(&outcome)
    case .show: await engine.show(&outcome)
    case .approve: await approve(&outcome)
    case .apply: await apply(engine, &outcome)
    case .readOutputs: await engine.readOutputs(&outcome)
    case .finish: .succeeded
    }
  }

  /// Remembers where the stack is before anything of it can be there.
  private func apply(_ engine: EngineRun, _ outcome: inout JobOutcome) async -> JobMachine.Report {
    if let target = job.target, !target.isSandbox {
      do throws(FileError) {
        try StackTarget(folder: folder).remember(target)
      } catch {
        fail(&outcome, "The stack's target cannot be written down", error.description)
        return .failed
      }
    }
    let report = await engine.apply(&outcome)
    if report == .succeeded, job.flow.operation == .destroy { StackTarget(folder: folder).forget() }
    return report
  }

  private func isTargetKnown(_ outcome: inout JobOutcome) -> Bool {
    guard let target = job.target, !target.isSandbox, !job.allowsOtherTarget,
      let known = StackTarget(folder: folder).known, known != target.target
    else { return true }
    fail(
      &outcome,
      "The stack was last changed on another cluster",
      """
      It is on \(known); this job would go to \(target.target), where nothing of it is known. If the cluster has \
      only got another address, or the stack is to be made there anew, say so with --allow-other-cluster.
      """
    )
    outcome.exitCode = .badData
    return false
  }

  private func approve(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    guard let plan = outcome.plan else { return .failed }
    let watch = Stopwatch()
    journal.append(.phaseStarted(.approval))
    journal.append(.approvalRequested(digest: plan.digest ?? ""))
    let decision = await context.approve(
      ApprovalRequest(
        stack: job.stack,
        operation: job.flow.operation,
        plan: plan,
        changes: outcome.changes
      )
    )
    let (report, result): (JobMachine.Report, JobResult)
    switch decision {
    case .approved(let person, let how):
      journal.append(.approvalDecided(approved: true, by: person, how: how))
      (report, result) = (.approved, .succeeded)
    case .rejected(let person, let how):
      journal.append(.approvalDecided(approved: false, by: person, how: how))
      outcome.reason = "the plan was rejected by \(person)"
      (report, result) = (.rejected, .rejected)
    case .cancelled: (report, result) = (.cancelled, .cancelled)
    }
    journal.append(.phaseFinished(.approval, result, seconds: watch.seconds))
    return report
  }

  // MARK: Workspace and environment

  private func prepareWorkspace() throws {
    let kept = job.savedPlan?.dependencyLock ?? folder.dependencyLock
    try workspace.prepare(
      program: job.program,
      backend: job.backend,
      cliConfig: context.cliConfig,
      dependencyLock: LocalFiles.exists(kept) ? try LocalFiles.read(kept) : nil
    )
    try job.connection?.write(to: workspace.kubeconfig)
    guard let saved = job.savedPlan else { return }
    try LocalFiles.create(workspace.plan, with: try LocalFiles.read(saved.plan), durably: false)
    // Held against its record now that nobody else can change it: what was checked before the copy may
    // have been another plan.
    let now = try context.planDigest(workspace, job.program)
    let differences = saved.readRecord()?.digest.differences(from: now) ?? ["its record"]
    guard differences.isEmpty else {
      throw SavedPlanProblem(
        description:
          "the plan in \(saved.path) no longer stands; changed: \(differences.joined(separator: ", "))"
      )
    }
  }

  private func environment(_ server: StateServer?) -> [String: String] {
    var environment = context.childEnvironment
    environment.merge(
      TerraformEnvironment.fixed(cliConfig: workspace.cliConfig, logLevel: context.engineLogLevel)
    ) { $1 }
    if context.providers == .accelerated {
      // A sixth of the CPU of a short run is garbage collection, for memory that its end gives back anyway.
      environment.merge(["GOGC": "400", "GOMEMLIMIT": "1GiB"]) { given, _ in given }
    }
    environment.merge(job.program.secretEnvironment) { $1 }
    if let connection = job.connection {
      environment.merge(connection.environment(kubeconfig: workspace.kubeconfig)) { $1 }
    }
    if let server {
      environment.merge(
        HTTPBackendAddress(url: server.url, user: Self.backendUser, password: server.token).environment
      ) { $1 }
    }
    return environment
  }

  func fail(_ outcome: inout JobOutcome, _ summary: String, _ detail: String) {
    journal.append(.diagnostic(EngineDiagnostic(severity: .error, summary: summary, detail: detail)))
    outcome.result = .failed
    outcome.exitCode = .failed
    outcome.reason = summary
  }
}

/// Why a saved plan is not the one that was looked at.
private struct SavedPlanProblem: Error, CustomStringConvertible {
  var description: String
}

extension JobContext {
  /// What a plan in a workspace depends on, the engine of this context among it.
  func planDigest(_ workspace: Workspace, _ program: Program) throws(FileError) -> PlanDigest {
    let binary = try EngineCache(home: stateHome).digest(of: engine.path)
    return try PlanDigest(workspace: workspace, program: program, engineDigest: binary)
  }
}

extension JobOutcome {
  /// Sets how the job ended; a failure keeps the exit code that the failing phase chose.
  mutating func finish(_ result: JobResult) {
    self.result = result
    switch result {
    case .succeeded: exitCode = .done
    case .cancelled:
      exitCode = .cancelled
      reason = reason ?? "stopped by the user"
    case .failed, .rejected, .skipped: break
    }
  }
}
