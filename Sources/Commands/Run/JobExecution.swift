import Engines
import JobRunner
import LocalFiles
import Manifests
import Platforms
import ProviderHost
import StackModel
import ToolProcess
import Translation

/// Runs one prepared job, whoever listens to it. Several may run at once in a process, each with an
/// `InterruptController.branch()` of its own.
struct JobExecution {
  let session: Session
  let operation: Operation
  let engine: EngineOptions
  /// By default one that asks nobody and shows its plan.
  var flow: JobMachine.Flow
  var refresh = true
  var replace: [String] = []
  var planOut: PlanFolder?
  var savedPlan: PlanFolder?
  var spares: SpareSource?

  init(session: Session, operation: Operation, engine: EngineOptions) {
    self.session = session
    self.operation = operation
    self.engine = engine
    flow = JobMachine.Flow(operation: operation)
  }

  /// - Throws: only when the job's journal cannot be made; all else is an outcome.
  func run(
    _ prepared: JobPreparation.Prepared,
    id: String = Job.makeID(at: WallClock.now()),
    setup: EngineSetup,
    masked: [Secret],
    interrupts: InterruptController,
    sink: @escaping Journal.Sink,
    approve: @escaping @Sendable (ApprovalRequest) async -> ApprovalDecision
  ) async throws(FileError) -> JobOutcome {
    let manifest = prepared.manifest
    let job = Job(
      id: id,
      stack: prepared.stack,
      program: prepared.program,
      flow: flow,
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
      tools: setup.tools(engine, session.settings, spares: spares),
      childEnvironment: prepared.childEnvironment.variables,
      user: User.name(session.environment),
      version: Version.text,
      interrupts: interrupts,
      sink: sink,
      approve: approve,
      look: look(prepared, stop: interrupts.stop)
    )
    return try await JobRunner(job: job, context: context).run()
  }

  static func problem(_ error: FileError) -> Diagnostic {
    .error(
      "state-home",
      "the job's journal cannot be made: \(error)",
      hint: "set STACKJOB_STATE_HOME to a folder that can be written to"
    )
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
}
