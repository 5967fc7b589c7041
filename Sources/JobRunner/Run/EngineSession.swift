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

  func run(into outcome: inout JobOutcome) async {
    let adapter: any EngineAdapter
    do throws(EngineMismatch) {
      adapter = try context.tools.adapter(self)
    } catch {
      fail(&outcome, "The job cannot be run", error.description)
      return
    }
    guard await adapter.recover(into: &outcome), isTargetKnown(&outcome), isEngineKnown(&outcome) else {
      return
    }
    let prepared = Stopwatch()
    journal.append(.phaseStarted(.prepare))
    let engine: any EngineRun
    do {
      engine = try await adapter.open()
    } catch {
      journal.append(.phaseFinished(.prepare, .failed, seconds: prepared.seconds))
      fail(&outcome, "The workspace cannot be prepared", String(describing: error))
      Workspace(path: files.workspace).discard()
      return
    }
    journal.append(.phaseFinished(.prepare, .succeeded, seconds: prepared.seconds))
    await drive(engine, into: &outcome)
    await engine.close(into: &outcome)
  }

  /// Follows the machine until it says how the job ended.
  private func drive(_ engine: any EngineRun, into outcome: inout JobOutcome) async {
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
    _ engine: any EngineRun,
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

  /// Remembers where the stack is, and whose, before anything of it can be there.
  private func apply(_ engine: any EngineRun, _ outcome: inout JobOutcome) async -> JobMachine.Report {
    do throws(FileError) {
      try StackEngine(folder: folder).remember(context.engine.name)
    } catch {
      fail(&outcome, "The stack's engine cannot be written down", error.description)
      return .failed
    }
    if let target = job.target, !target.isSandbox {
      do throws(FileError) {
        try StackTarget(folder: folder).remember(target)
      } catch {
        fail(&outcome, "The stack's target cannot be written down", error.description)
        return .failed
      }
    }
    let report = await engine.apply(&outcome)
    if report == .succeeded, job.flow.operation == .destroy {
      StackTarget(folder: folder).forget()
      StackEngine(folder: folder).forget()
    }
    return report
  }

  private func isEngineKnown(_ outcome: inout JobOutcome) -> Bool {
    let other: String?
    do throws(FileError) { other = try StackEngine(folder: folder).other(than: context.engine.name) } catch {
      fail(&outcome, "Whether another engine has the stack is not known", error.description)
      return false
    }
    guard let other else { return true }
    // A stack from before this was written down has no such file.
    let way =
      LocalFiles.exists(folder.engine)
      ? " If nothing of it is left, remove \(folder.engine)." : ""
    fail(
      &outcome,
      "The stack was last changed by another engine",
      """
      It was \(other), whose state \(context.engine.name.rawValue) does not see: it would make everything a second time. Go on \
      with --engine \(other), or destroy the stack with that first.\(way)
      """
    )
    outcome.exitCode = .badData
    return false
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

  /// What is written down about a plan that is kept.
  func planRecord(_ digest: PlanDigest) -> PlanRecord {
    PlanRecord(
      stack: job.stack,
      operation: job.flow.operation,
      engine: context.engine.name,
      engineVersion: context.engine.version,
      backend: job.backend.digest,
      target: job.target?.target,
      manifest: job.manifest,
      created: context.clock().description,
      secrets: job.program.secrets.mapValues { $0.keys.sorted() },
      digest: digest
    )
  }

  func fail(_ outcome: inout JobOutcome, _ summary: String, _ detail: String) {
    journal.append(.diagnostic(EngineDiagnostic(severity: .error, summary: summary, detail: detail)))
    outcome.result = .failed
    outcome.exitCode = .failed
    outcome.reason = summary
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
