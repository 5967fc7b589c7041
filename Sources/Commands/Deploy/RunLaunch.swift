import Deployment
import JobRunner
import StackModel

/// Carries a recorded run out from where it stands, and ends the command with what became of it.
struct RunLaunch {
  let access: RunAccess
  let engine: EngineOptions
  let output: OutputOptions
  let interrupts: InterruptController
  var waitsAtGates = false

  private var session: Session { access.session }

  /// Takes up a run that another process left.
  func resume(_ run: Run) async throws {
    let lock = try access.lock(run.id)
    defer { withExtendedLifetime(lock) {} }
    // Only now nobody else writes it.
    let run = try access.read(run.id)
    guard run.result != .rejected, run.result != .succeeded else { return try end(run) }
    try Console.require(access.unreadableDecisions(of: run))
    let sources = run.tasks.filter { !$0.isDone }.map { task in
      RunPreparation.Source(
        name: task.name,
        file: access.store.folder(run.id).manifest(task.name),
        rules: task.rules
      )
    }
    let (tasks, problems) = await RunPreparation(
      session: try session.asking(access.store.sources(of: run)),
      engine: engine(of: run)
    ).prepare(
      sources,
      RunPreparation.Inputs(
        image: run.image,
        versionTag: run.versionTag,
        references: run.references,
        templates: run.templates
      ),
      operation: .update
    )
    GitHubReport(environment: session.environment).annotate(problems)
    try Console.require(problems)
    SignalWatch.start(interrupts)
    try await execute(run, tasks, equip(tasks, for: run))
  }

  /// What tasks are carried out with; what is missing is told before anything is recorded or asked.
  struct Equipment {
    var setups: EngineSetups
    var masked: [Secret]
    var queue: QueuedTask?
  }

  func equip(_ tasks: [TaskPreparation.Prepared], for run: Run) async throws -> Equipment {
    let queue = try run.queue.map { path in
      let store = access.store
      return QueuedTask(
        directory: try QueueOptions.open(path, session),
        run: run,
        user: User.name(session.environment),
        isSandbox: session.isSandbox,
        engine: engine(of: run),
        manifest: { store.folder(run.id).manifest($0) }
      )
    }
    // Whoever takes the jobs of a queue has the engine.
    let engines = queue == nil ? Set(tasks.map(\.engine)) : []
    return Equipment(
      setups: try await EngineSetups.prepare(engines, session: session, stop: interrupts.stop),
      masked: try JobCommand.masks(session, engine),
      queue: queue
    )
  }

  /// - Parameter tasks: all of the run's that are not done.
  func execute(_ run: Run, _ tasks: [TaskPreparation.Prepared], _ equipment: Equipment) async throws {
    let reporter = RunReporter(run, output: output, environment: session.environment)
    let executor = RunExecutor(
      session: session,
      engine: engine(of: run),
      store: access.store,
      reporter: reporter,
      interrupts: interrupts,
      tasks: Dictionary(tasks.map { ($0.name, $0) }) { first, _ in first },
      setups: equipment.setups,
      masked: equipment.masked,
      queue: equipment.queue,
      waitsAtGates: waitsAtGates
    )
    let result: Run
    do {
      result = try await executor.execute(run)
    } catch {
      Console.show([RunAccess.unwritable(error)])
      throw StackModel.ExitCode.failed.thrown
    }
    reporter.finish(result)
    let code = RunView.exitCode(result)
    if code != .done { throw code.thrown }
  }

  /// A run on which nothing is left to do.
  func end(_ run: Run) throws {
    RunReporter(run, output: output, environment: session.environment).finish(run)
    let code = RunView.exitCode(run)
    if code != .done { throw code.thrown }
  }

  /// What was said when the run was made holds until something else is said.
  private func engine(of run: Run) -> EngineOptions {
    var options = engine
    options.engine = engine.engine ?? run.engine
    options.sandbox = session.isSandbox
    return options
  }
}
