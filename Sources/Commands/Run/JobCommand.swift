import Engines
import JobRunner
import LocalFiles
import Manifests
import Platforms
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
  /// Where each job's page of Markdown is written.
  var markdownOut: String?
  /// A plan or drift that finds something ends with 2.
  var changesExitCode = false

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
    let setup = try Console.get(
      await EngineSetup.prepare(
        engine: engine.engine ?? session.settings.engine ?? .terraform,
        settings: session.settings,
        locations: session.locations,
        environment: session.environment,
        sandboxMirror: session.isSandbox ? try Console.get(SandboxSetup.mirror(session)) : nil,
        stop: interrupts.stop
      )
    )
    try check(savedPlan, prepared, setup)
    let masked = try masks()
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

  private func masks() throws -> [Secret] {
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
      switch JobPreparation(session: session, operation: operation, cluster: engine.cluster).prepare(manifest)
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
      target: prepared.target,
      connection: prepared.connection,
      allowsOtherTarget: engine.cluster.allowOtherCluster,
      savedPlan: savedPlan,
      planOut: planOut,
      refresh: refresh,
      parallelism: engine.parallelism ?? session.settings.parallelism,
      replace: replace,
      masked: masked + prepared.masked
        + EngineSetup.secrets(of: prepared.backend, in: session.environment),
      trace: { manifest.trace($0) }
    )
    let context = JobContext(
      stateHome: session.locations.stateHome,
      engine: setup.binary,
      cliConfig: setup.cliConfig,
      providers: engine.providers ?? session.settings.providers ?? .accelerated,
      childEnvironment: prepared.childEnvironment.variables,
      engineLogLevel: engine.engineLog,
      user: User.name(session.environment),
      version: Version.text,
      interrupts: interrupts,
      sink: { listener.handle($0) },
      approve: { request in
        await Approval.ask(request, listener: listener, stop: interrupts.stop)
      },
      look: look(prepared, stop: interrupts.stop)
    )
    let outcome: JobOutcome
    do throws(FileError) {
      outcome = try await JobRunner(job: job, context: context).run()
    } catch {
      Console.show([
        .error(
          "state-home",
          "the job's journal cannot be made: \(error)",
          hint: "set STACKJOB_STATE_HOME to a folder that can be written to"
        )
      ])
      throw StackModel.ExitCode.failed.thrown
    }
    listener.end(outcome: outcome)
    if let planOut, outcome.result == .succeeded {
      try? LocalFiles.replace(planOut.markdown, with: Array(listener.markdown().utf8))
    }
    if let markdownOut { try? LocalFiles.replace(markdownOut, with: Array(listener.markdown().utf8)) }
    return outcome
  }

  /// Asked of a cluster alone: ECS takes a service that fails back to what ran before, and its provider waits for that.
  private func look(_ prepared: JobPreparation.Prepared, stop: StopSwitch) -> ServiceLook? {
    guard let kubeconfig = prepared.connection?.kubeconfig else { return nil }
    let (session, options) = (session, engine.cluster)
    let ask: @Sendable () async -> ServiceStatus? = {
      let found = StatusSource.find(
        prepared.manifest,
        session: session,
        stack: prepared.stack,
        options: options,
        // The job's own, whatever context somebody has switched to since.
        kubeconfig: kubeconfig
      )
      guard case .success(let source) = found else { return nil }
      // A sign-in plugin may hang, and the person may not want to wait.
      let watch = Task {
        for _ in 0..<Self.lookSeconds * 5 where !stop.isStopRequested {
          try await Task.sleep(for: .milliseconds(200))
        }
        source.close()
      }
      defer {
        watch.cancel()
        source.close()
      }
      return try? await source.ask().get()
    }
    return ServiceLook(
      // Where nobody can be asked, the engine's own message has to do.
      problems: { await ask().map(RolloutDiagnostics.of) ?? [] },
      replicas: { await ask()?.replicas.desired },
      progress: {
        guard let status = await ask(), status.rollout.state == .inProgress else { return nil }
        return RolloutProgress(
          subject: status.subject,
          updated: status.rollout.updated,
          desired: status.rollout.desired,
          ready: status.replicas.ready
        )
      }
    )
  }

  private static let lookSeconds = 30

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
