import Engines
import JobRunner
import LocalFiles
import Manifests
import Presentation
import ProviderHost
import StackModel
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Runs the jobs of one command line, one after another, and tells of them as the user asked.
struct JobCommand {
  let session: Session
  let operation: Operation
  let engine: EngineOptions
  let output: OutputOptions
  var autoApprove = false
  var refresh = true
  var replace: [String] = []
  var planOut: PlanFolder?
  var savedPlan: PlanFolder?
  /// Where each job's page of Markdown is written.
  var markdownOut: String?
  /// A plan or drift that finds something ends with 2.
  var changesExitCode = false

  /// Where started providers may be had.
  var spares: SpareSource?

  /// Told of each event before it is written.
  var onEvent: (@Sendable (JobEvent) -> Void)?
  /// Told how each job ended, however that was.
  var onEnd: (@Sendable (JobOutcome) -> Void)?

  /// Tells nothing of jobs that go well; the caller does.
  var isSilent = false

  /// Runs a job for each manifest, in order, until one ends badly.
  ///
  /// - Returns: how each ended; a bad end is thrown as the process's exit code.
  @discardableResult
  func run(_ manifests: [Manifest]) async throws -> [JobOutcome] {
    let interrupts = InterruptController()
    // Until here nothing is begun, and a signal may end the process at once: a file that is read may be a pipe that
    // nobody writes to.
    let prepared = try prepare(manifests)
    SignalWatch.start(interrupts)
    let found = await EngineSetup.prepare(
      engine: engine.name(session),
      settings: session.settings,
      locations: session.locations,
      environment: session.environment,
      sandboxMirror: session.isSandbox ? try Console.get(SandboxSetup.mirror(session)) : nil,
      stop: interrupts.stop
    )
    // An engine that was stopped while it was asked for its version is not broken.
    if interrupts.stop.isStopRequested { throw StackModel.ExitCode.cancelled.thrown }
    let setup = try Console.get(found)
    try check(savedPlan, prepared, setup)
    let masked = try Self.masks(session, engine)
    var reporter = Reporter(output: output, environment: session.environment, isSilent: isSilent)
    var outcomes: [JobOutcome] = []
    for job in prepared {
      let outcome = try await runOne(
        job,
        setup: setup,
        masked: masked,
        interrupts: interrupts,
        reporter: &reporter
      )
      outcomes.append(outcome)
      // What follows a failed or stopped change may build on it. A failed look hinders no other.
      let goesOn = !JobMachine.Flow(operation: operation).changesThings && outcome.result != .cancelled
      if outcome.exitCode != .done && !goesOn { break }
    }
    let left = prepared.dropFirst(outcomes.count).map(\.stack.description)
    if !left.isEmpty { Console.note("not run after that: \(left.joined(separator: ", "))\n") }
    reporter.finish()
    let code = exitCode(of: outcomes)
    if code != .done { throw code.thrown }
    return outcomes
  }

  /// What the user wants masked in all jobs.
  static func masks(_ session: Session, _ engine: EngineOptions) throws -> [Secret] {
    let found = try Console.get(
      Masks.collect(
        names: session.settings.maskEnvironment + engine.maskEnvironment,
        file: engine.maskFile ?? session.settings.maskFile,
        environment: session.environment
      )
    )
    Console.show(found.warnings)
    return found.secrets
  }

  private func exitCode(of outcomes: [JobOutcome]) -> StackModel.ExitCode {
    if let bad = outcomes.first(where: { $0.exitCode != .done }) { return bad.exitCode }
    return changesExitCode && outcomes.contains { $0.foundChanges(operation) } ? .changes : .done
  }

  private func prepare(_ manifests: [Manifest]) throws -> [JobPreparation.Prepared] {
    var prepared: [JobPreparation.Prepared] = []
    var problems: [Diagnostic] = []
    for manifest in manifests {
      switch JobPreparation(
        session: session,
        operation: operation,
        engine: engine.name(session),
        cluster: engine.cluster
      ).prepare(manifest)
      {
      case .success(let job):
        prepared.append(job)
        problems += job.diagnostics
      case .failure(let failure): problems += failure.diagnostics
      }
    }
    try Console.require(problems)
    warnAboutRefused(prepared)
    return prepared
  }

  private func check(
    _ savedPlan: PlanFolder?,
    _ jobs: [JobPreparation.Prepared],
    _ setup: EngineSetup
  ) throws {
    guard let savedPlan else { return }
    let cache = EngineCache(home: session.locations.stateHome)
    let check = SavedPlanCheck(
      folder: savedPlan,
      jobs: jobs,
      engineDigest: { () throws(FileError) in try cache.digest(of: setup.binary.path) }
    )
    if let refusal = check.refusal() { try Console.require([refusal]) }
  }

  private func runOne(
    _ prepared: JobPreparation.Prepared,
    setup: EngineSetup,
    masked: [Secret],
    interrupts: InterruptController,
    reporter: inout Reporter
  ) async throws -> JobOutcome {
    let listener = reporter.open()
    var execution = JobExecution(session: session, operation: operation, engine: engine)
    execution.flow = JobMachine.Flow(
      operation: operation,
      showsPlan: !autoApprove || output.output != .text || planOut != nil || savedPlan != nil,
      needsApproval: !autoApprove && savedPlan == nil,
      appliesSavedPlan: savedPlan != nil
    )
    execution.refresh = refresh
    execution.replace = replace
    execution.planOut = planOut
    execution.savedPlan = savedPlan
    execution.spares = spares
    let outcome: JobOutcome
    do throws(FileError) {
      outcome = try await execution.run(
        prepared,
        setup: setup,
        masked: masked,
        interrupts: interrupts,
        sink: { [onEvent] event in
          onEvent?(event)
          listener.handle(event)
        },
        approve: { request in
          await Approval.ask(request, listener: listener, stop: interrupts.stop)
        }
      )
    } catch {
      Console.show([JobExecution.problem(error)])
      throw StackModel.ExitCode.failed.thrown
    }
    onEnd?(outcome)
    listener.end(outcome: outcome)
    if let planOut, outcome.result == .succeeded {
      try? LocalFiles.replace(planOut.markdown, with: Array(listener.markdown().utf8))
    }
    if let markdownOut { try? LocalFiles.replace(markdownOut, with: Array(listener.markdown().utf8)) }
    return outcome
  }

  /// Variables that a user may count on and that we do not let through.
  private func warnAboutRefused(_ jobs: [JobPreparation.Prepared]) {
    let refused = Set(jobs.flatMap(\.childEnvironment.refused)).sorted()
    guard !refused.isEmpty else { return }
    Console.show([
      .warning(
        "environment.reserved",
        "not passed on to the engine: \(refused.joined(separator: ", "))",
        hint: "these would change a run without the job knowing; use flags, --set or the settings file"
      )
    ])
  }
}
