import Engines
import StackModel
import ToolProcess

/// One command of the engine: run, told, understood, and tried again without our host where that is the reason.
extension TerraformRun {
  /// A command that ended without giving what was asked of it.
  struct CommandEnd: Error {
    var report: JobMachine.Report
  }

  /// Runs a command that prints one JSON document.
  func document(
    _ command: TerraformCommand,
    _ problem: String,
    _ outcome: inout JobOutcome
  ) async -> Result<JSONValue, CommandEnd> {
    let started = outcome
    let result = await runDocument(command, problem, &outcome)
    guard case .failure = result, case .show = command, !session.context.stop.isStopRequested,
      let reason = route.reasonToFallBack([])
    else { return result }
    outcome = started
    await fallBack(reason)
    return await runDocument(command, problem, &outcome)
  }

  func runDocument(
    _ command: TerraformCommand,
    _ problem: String,
    _ outcome: inout JobOutcome
  ) async -> Result<JSONValue, CommandEnd> {
    let invocation = invocation(command)
    let watch = Stopwatch()
    let output: ToolOutput
    do throws(ToolStartError) {
      output = try await ToolOutput.collect(
        invocation,
        stop: session.context.stop,
        onStart: { started(invocation, pid: $0) }
      )
    } catch {
      return .failure(
        CommandEnd(report: failed(&outcome, "The engine cannot be started", error.description))
      )
    }
    journal.append(.toolFinished(tool: invocation.tool, exit: output.exit, seconds: watch.seconds))
    if session.context.stop.isStopRequested { return .failure(CommandEnd(report: .cancelled)) }
    if case .signal = output.exit { outcome.lostEngine = true }
    guard output.exit.isSuccess, let json = try? JSONValue(parsing: output.standardOutput) else {
      let said =
        output.standardError.isEmpty
        ? "`\(invocation.tool) \(command.arguments.joined(separator: " "))` printed no JSON document."
        : String(output.standardError.prefix(4000))
      return .failure(CommandEnd(report: failed(&outcome, problem, said)))
    }
    return .success(json)
  }

  struct PhaseResult {
    var report: JobMachine.Report
    var collected: TerraformLineReader.Collected
  }

  func phase(
    _ phase: Phase,
    _ command: TerraformCommand,
    _ outcome: inout JobOutcome,
    dropsPlannedChanges: Bool = false,
    whenOver: () -> Void = {}
  ) async -> PhaseResult {
    let watch = Stopwatch()
    journal.append(.phaseStarted(phase))
    let started = outcome
    if phase != .`init` { route.expectConfigure() }
    var result = await run(command, dropsPlannedChanges, &outcome)
    if result.report == .failed, let reason = reasonToFallBack(result.collected) {
      outcome = started
      await fallBack(reason)
      result =
        session.context.stop.isStopRequested
        ? PhaseResult(report: .cancelled, collected: result.collected)
        : await run(command, dropsPlannedChanges, &outcome)
    }
    whenOver()
    journal.append(.phaseFinished(phase, result.report.result, seconds: watch.seconds))
    return result
  }

  /// No second try where the first has begun to do something, by whatever provider or provisioner.
  func reasonToFallBack(_ collected: TerraformLineReader.Collected) -> String? {
    collected.hasBegun ? nil : route.reasonToFallBack(collected.diagnostics)
  }

  /// The rest of the job does without our host.
  func fallBack(_ reason: String) async {
    journal.append(.diagnostic(ProviderRoute.note(reason)))
    guard await route.fallBack() else { return }
    // What it says of a failure is told by the command that then misses what it would have made.
    let invocation = invocation(.initialize)
    let watch = Stopwatch()
    let output = try? await ToolOutput.collect(
      invocation,
      stop: session.context.stop,
      onStart: { started(invocation, pid: $0) }
    )
    if let output {
      journal.append(.toolFinished(tool: invocation.tool, exit: output.exit, seconds: watch.seconds))
    }
  }

  func run(
    _ command: TerraformCommand,
    _ dropsPlannedChanges: Bool,
    _ outcome: inout JobOutcome
  ) async -> PhaseResult {
    let watch = Stopwatch()
    let invocation = invocation(command)
    let lines = TerraformLineReader(
      journal: journal,
      trace: job.trace,
      dropsPlannedChanges: dropsPlannedChanges,
      // They may be of our making, and the command then be run again.
      holdsErrors: route.isServing
    )
    let exit: ToolExit
    // What changes nothing may die with us.
    let guardian: EngineGuard? = if case .apply = command { EngineGuard() } else { nil }
    defer { guardian?.release() }
    do throws(ToolStartError) {
      exit = try await ToolRunner.run(
        invocation,
        stop: session.context.stop,
        onStart: {
          guardian?.watch($0)
          started(invocation, pid: $0)
        },
        onLine: { lines.read($0) }
      ).exit
    } catch {
      return PhaseResult(
        report: failed(&outcome, "The engine cannot be started", error.description),
        collected: lines.collected
      )
    }
    journal.append(.toolFinished(tool: invocation.tool, exit: exit, seconds: watch.seconds))
    let collected = lines.collected
    if exit.isSuccess || session.context.stop.isStopRequested || reasonToFallBack(collected) == nil {
      lines.tellErrors()
    }
    return PhaseResult(report: judge(exit, collected, &outcome), collected: collected)
  }

  func started(_ invocation: ToolInvocation, pid: Int) {
    session.lock.record(enginePID: pid)
    journal.append(
      .toolStarted(
        tool: invocation.tool,
        version: invocation.version,
        arguments: invocation.arguments,
        pid: pid
      )
    )
  }

  func judge(
    _ exit: ToolExit,
    _ collected: TerraformLineReader.Collected,
    _ outcome: inout JobOutcome
  ) -> JobMachine.Report {
    switch exit {
    // Done in spite of a request to stop: the next phase is not started.
    case .code(0): return session.context.stop.isStopRequested ? .cancelled : .succeeded
    case _ where session.context.stop.isStopRequested: return .cancelled
    case .code(let code):
      let first = collected.diagnostics.first { $0.severity == .error }
      let kind = FailureKind(of: collected.diagnostics)
      outcome.exitCode = kind.exitCode
      if kind == .noProvider { journal.append(.diagnostic(adapter.tools.cliConfig.advice)) }
      outcome.reason = first?.summary ?? "\(session.context.engine.name.rawValue) ended with code \(code)"
      return .failed
    case .signal(let signal):
      outcome.lostEngine = true
      return failed(
        &outcome,
        "The engine was killed by signal \(signal)",
        "The state holds what was saved last; run a refresh before the next change."
      )
    }
  }

  func failed(_ outcome: inout JobOutcome, _ summary: String, _ detail: String) -> JobMachine.Report {
    journal.append(.diagnostic(EngineDiagnostic(severity: .error, summary: summary, detail: detail)))
    outcome.exitCode = .failed
    outcome.reason = summary
    return .failed
  }

  func invocation(_ command: TerraformCommand) -> ToolInvocation {
    let engine = session.context.engine
    return ToolInvocation(
      tool: engine.name.rawValue,
      version: engine.version,
      executable: engine.path,
      arguments: command.arguments,
      environment: command.usesProviders ? environment.merging(route.variables) { $1 } : environment,
      workingDirectory: workspace.path
    )
  }
}

extension JobMachine.Report {
  var result: JobResult {
    switch self {
    case .succeeded, .planned, .approved: .succeeded
    case .rejected: .rejected
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }
}
