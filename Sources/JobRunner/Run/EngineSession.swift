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

  private var workspace: Workspace { Workspace(path: files.workspace) }

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

  // MARK: State

  static let backendUser = "stackjob"

  private func startStateServer() async throws -> StateServer? {
    guard case .managed = job.backend else { return nil }
    return try await StateServer.start(
      store: StateStore(folder),
      user: Self.backendUser,
      report: { [journal] in journal.append($0) }
    )
  }

  /// Takes in the states that dead jobs left behind, before anything is planned on an older one.
  private func recoverAbandonedState(into outcome: inout JobOutcome) -> Bool {
    if let dead = lock.abandoned {
      journal.append(
        .diagnostic(
          EngineDiagnostic(
            severity: .warning,
            summary: "Job \(dead.job) died while it held the stack",
            detail: "Its lock was taken over: process \(dead.process.pid) and its engine are gone."
          )
        )
      )
    }
    for path in JobHistory(folder).erroredStates() {
      guard adopt(path, into: &outcome) else { return false }
    }
    JobHistory(folder).sweepWorkspaces()
    return true
  }

  /// Looks before the engine does, which would only say that its backend failed.
  private func isStateWhole(_ outcome: inout JobOutcome) -> Bool {
    guard case .managed = job.backend else { return true }
    do throws(FileError) {
      if try StateStore(folder).newest() == nil, [.drift, .refresh].contains(job.flow.operation) {
        fail(&outcome, "The stack has no state", "There is nothing to compare: apply it first.")
        outcome.exitCode = .badData
        return false
      }
      guard let fault = try StateStore(folder).fault() else { return true }
      fail(&outcome, fault.summary, fault.detail)
    } catch {
      fail(&outcome, "The state of the stack cannot be read", "\(error)")
    }
    return false
  }

  /// After a run: a state that our server could not take (a full disk, say) gets a second chance.
  private func adoptErroredState(into outcome: inout JobOutcome) {
    if LocalFiles.isFile(workspace.erroredState) { _ = adopt(workspace.erroredState, into: &outcome) }
  }

  private func adopt(_ path: String, into outcome: inout JobOutcome) -> Bool {
    guard case .managed = job.backend else {
      fail(
        &outcome,
        "A state could not be saved to the stack's backend",
        "The newest state is in \(path). Push it with `terraform state push` and remove the file."
      )
      return false
    }
    do throws(FileError) {
      let bytes = try LocalFiles.read(path)
      switch StateRecovery.decide(candidate: bytes, newest: try StateStore(folder).newest()) {
      case .adopt:
        let saved = try StateStore(folder).add(bytes)
        journal.append(
          .stateSaved(StateSaved(serial: saved.serial, lineage: saved.lineage, path: saved.version.path))
        )
        try LocalFiles.remove(path)
        return true
      case .outdated:
        try LocalFiles.remove(path)
        return true
      case .foreign(let reason):
        fail(
          &outcome,
          "A state was left behind that does not fit the stack",
          "\(path): \(reason). Look at it, then move it away."
        )
        return false
      }
    } catch {
      fail(&outcome, "A state that was left behind cannot be taken in", "\(error)")
      return false
    }
  }

  /// The provider versions this run used are the ones the next run starts from.
  private func keepDependencyLock() {
    // The sandbox is of one build of ours; the next one has another checksum.
    guard job.target?.isSandbox != true, let used = try? LocalFiles.read(workspace.dependencyLock),
      used != (try? LocalFiles.read(folder.dependencyLock))
    else { return }
    try? LocalFiles.replace(folder.dependencyLock, with: used)
  }

  private func fail(_ outcome: inout JobOutcome, _ summary: String, _ detail: String) {
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
