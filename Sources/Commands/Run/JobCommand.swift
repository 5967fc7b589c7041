import Engines
import JobRunner
import LocalFiles
import Manifests
import Presentation
import StackModel
import ToolProcess
import Translation

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
  /// A plan or drift that finds something ends with 2.
  var changesExitCode = false

  func run(_ manifests: [Manifest]) async throws {
    var prepared: [JobPreparation.Prepared] = []
    var problems: [Diagnostic] = []
    for manifest in manifests {
      switch JobPreparation(session: session, operation: operation).prepare(manifest) {
      case .success(let job):
        prepared.append(job)
        problems += job.diagnostics
      case .failure(let failure): problems += failure.diagnostics
      }
    }
    try Console.require(problems)
    warnAboutRefused(prepared)

    let setup: EngineSetup
    switch await EngineSetup.prepare(
      engine: engine.engine ?? session.settings.engine ?? .terraform,
      settings: session.settings, locations: session.locations, environment: session.environment)
    {
    case .success(let found): setup = found
    case .failure(let failure):
      try Console.require(failure.diagnostics)
      throw StackModel.ExitCode.unavailable.thrown
    }
    try checkSavedPlan(prepared, setup)
    let masked: [Secret]
    switch Masks.collect(
      names: session.settings.maskEnvironment + engine.maskEnvironment,
      file: engine.maskFile ?? session.settings.maskFile, environment: session.environment)
    {
    case .success(let found): masked = found
    case .failure(let failure):
      try Console.require(failure.diagnostics)
      throw StackModel.ExitCode.badData.thrown
    }

    let interrupts = InterruptController()
    await SignalWatch.start(interrupts)
    var reporter = Reporter(output: output, environment: session.environment)
    var worst = StackModel.ExitCode.done
    for job in prepared {
      let code = try await runOne(
        job, setup: setup, masked: masked, interrupts: interrupts, reporter: &reporter)
      if worst == .done || (worst == .changes && code != .done) { worst = code }
      // What follows a failed or stopped change may build on it.
      if code != .done && code != .changes { break }
    }
    reporter.finish()
    if worst != .done { throw worst.thrown }
  }

  private func runOne(
    _ prepared: JobPreparation.Prepared,
    setup: EngineSetup,
    masked: [Secret],
    interrupts: InterruptController,
    reporter: inout Reporter
  ) async throws -> StackModel.ExitCode {
    let listener = reporter.open()
    let manifest = prepared.manifest
    let job = Job(
      id: Job.makeID(at: WallClock.now()),
      stack: prepared.stack,
      program: prepared.program,
      flow: JobMachine.Flow(
        operation: operation,
        showsPlan: !autoApprove || output.output != .text || planOut != nil || savedPlan != nil,
        needsApproval: !autoApprove && savedPlan == nil,
        appliesSavedPlan: savedPlan != nil
      ),
      manifest: manifest.file,
      backend: prepared.backend,
      savedPlan: savedPlan,
      planOut: planOut,
      refresh: refresh,
      parallelism: engine.parallelism ?? session.settings.parallelism,
      replace: replace,
      masked: masked + prepared.provider.secrets(in: session.environment),
      trace: { manifest.trace($0) }
    )
    let context = JobContext(
      stateHome: session.locations.stateHome,
      engine: setup.binary,
      cliConfig: setup.cliConfig,
      childEnvironment: prepared.childEnvironment.variables,
      engineLogLevel: engine.engineLog,
      user: User.name(session.environment),
      version: Version.text,
      interrupts: interrupts,
      sink: { listener.handle($0) },
      approve: { request in
        await Approval.ask(request, listener: listener, stop: interrupts.stop)
      }
    )
    let outcome: JobOutcome
    do throws(FileError) {
      outcome = try await JobRunner(job: job, context: context).run()
    } catch {
      Console.show([
        .error(
          "state-home", "the job's journal cannot be made: \(error)",
          hint: "set STACKJOB_STATE_HOME to a folder that can be written to")
      ])
      return .failed
    }
    listener.end(outcome: outcome)
    if let planOut, outcome.result == .succeeded {
      try? LocalFiles.replace(planOut.markdown, with: Array(listener.markdown.utf8))
    }
    if outcome.exitCode == .done, changesExitCode, outcome.foundChanges { return .changes }
    return outcome.exitCode
  }

  /// Variables that a user may count on and that we do not let through.
  private func warnAboutRefused(_ jobs: [JobPreparation.Prepared]) {
    let refused = Set(jobs.flatMap(\.childEnvironment.refused)).sorted()
    guard !refused.isEmpty else { return }
    Console.show([
      .warning(
        "environment.reserved",
        "not passed on to the engine: \(refused.joined(separator: ", "))",
        hint: "these would change a run without the job knowing; use flags, --set or the settings file")
    ])
  }

  /// A saved plan is applied only if all that it was made from is still the same.
  private func checkSavedPlan(_ jobs: [JobPreparation.Prepared], _ setup: EngineSetup) throws {
    guard let savedPlan else { return }
    let place = SourceLocation(file: savedPlan.path)
    func refuse(_ message: String, _ hint: String) throws -> Never {
      Console.show([.error("plan.refused", message, at: place, hint: hint)])
      throw StackModel.ExitCode.badData.thrown
    }
    guard let record = savedPlan.readRecord() else {
      try refuse("the folder holds no plan", "make one with `stackjob plan --out \(savedPlan.path) FILE`")
    }
    guard jobs.count == 1, let job = jobs.first else {
      try refuse("a saved plan belongs to one stack", "give the one manifest it was made from")
    }
    guard job.stack == record.stack else {
      try refuse("the plan is for \(record.stack), the manifest for \(job.stack)", "give the manifest the plan was made from")
    }
    do throws(FileError) {
      let engineDigest = try EngineCache(home: session.locations.stateHome).digest(of: setup.binary.path)
      var differences = record.digest.differences(from: try savedPlan.currentDigest(engineDigest: engineDigest))
      if try savedPlan.readProgram() != job.program.files { differences.append("the manifest or the kind's templates") }
      if record.backend != job.backend { differences.append("the backend") }
      guard differences.isEmpty else {
        try refuse(
          "the plan no longer stands: changed since it was made: \(differences.joined(separator: ", "))",
          "make a new plan and have that one approved")
      }
    } catch {
      try refuse("the plan cannot be read: \(error)", "make a new one")
    }
  }
}
