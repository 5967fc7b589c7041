import JobRunner
import StackModel
import ToolProcess

/// The engines that a run's tasks need, each found once.
struct EngineSetups: Sendable {
  private var setups: [EngineName: EngineSetup] = [:]

  static func prepare(
    _ engines: Set<EngineName>,
    session: Session,
    stop: StopSwitch
  ) async throws -> EngineSetups {
    var result = EngineSetups()
    let mirror = session.isSandbox && !engines.isEmpty ? try Console.get(SandboxSetup.mirror(session)) : nil
    for engine in engines.sorted(by: { $0.rawValue < $1.rawValue }) {
      let setup = await EngineSetup.prepare(
        engine: engine,
        settings: session.settings,
        locations: session.locations,
        environment: session.environment,
        sandboxMirror: mirror,
        stop: stop
      )
      // An engine that was stopped while it was asked for its version is not broken.
      if stop.isStopRequested { throw StackModel.ExitCode.cancelled.thrown }
      result.setups[engine] = try Console.get(setup)
    }
    return result
  }

  subscript(engine: EngineName) -> EngineSetup? { setups[engine] }
}
