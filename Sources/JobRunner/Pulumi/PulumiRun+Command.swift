import Engines
import StackModel
import Synchronization
import ToolProcess

/// One command of Pulumi: run, told, understood.
extension PulumiRun {
  /// How long a Pulumi that is forced has to leave a state that says what is pending.
  static let forceSeconds = 5.0

  /// A command that did not do what it was called for.
  struct Failure: Error {
    var exit: PulumiExit
    var tool: ToolExit
    /// What it said of it.
    var text: String
  }

  struct RunResult {
    var exit: PulumiExit
    var tool: ToolExit
    var collected: PulumiLineReader.Collected
    var startProblem: String?
  }

  /// Runs a short command that tells no events.
  ///
  /// - Returns: its standard output.
  func call(_ command: PulumiCommand, input: [UInt8] = []) async -> Result<String, Failure> {
    let invocation = invocation(command, input: input)
    let watch = Stopwatch()
    let output: ToolOutput
    do throws(ToolStartError) {
      output = try await ToolOutput.collect(
        invocation,
        stop: session.context.stop,
        onStart: { self.started(invocation, pid: $0) }
      )
    } catch {
      return .failure(Failure(exit: .failed, tool: .code(-1), text: error.description))
    }
    journal.append(.toolFinished(tool: invocation.tool, exit: output.exit, seconds: watch.seconds))
    if output.exit.isSuccess { return .success(output.standardOutput) }
    let exit = exit(output.exit, summary: nil, standardError: output.standardError)
    return .failure(Failure(exit: exit, tool: output.exit, text: output.standardError))
  }

  /// Runs a command that tells events.
  ///
  /// - Parameter isGuarded: it changes things, and must not die with us.
  func run(
    _ command: PulumiCommand,
    planned: PulumiLineReader.Planned,
    isGuarded: Bool = false
  ) async -> RunResult {
    let invocation = invocation(command, input: [])
    let lines = PulumiLineReader(journal: journal, trace: job.trace, planned: planned)
    let watch = Stopwatch()
    let guardian = isGuarded ? EngineGuard() : nil
    defer { guardian?.release() }
    let tool: ToolExit
    do throws(ToolStartError) {
      tool = try await ToolRunner.run(
        invocation,
        stop: session.context.stop,
        onStart: { pid in
          guardian?.watch(pid)
          self.started(invocation, pid: pid)
        },
        onLine: { lines.read($0) }
      ).exit
    } catch {
      return RunResult(
        exit: .failed,
        tool: .code(-1),
        collected: lines.collected,
        startProblem: error.description
      )
    }
    journal.append(.toolFinished(tool: invocation.tool, exit: tool, seconds: watch.seconds))
    let collected = lines.collected
    return RunResult(
      exit: exit(tool, summary: collected.summary, standardError: collected.standardError),
      tool: tool,
      collected: collected
    )
  }

  private func exit(_ tool: ToolExit, summary: PulumiMessage.Summary?, standardError: String) -> PulumiExit {
    switch tool {
    case .code(let code):
      PulumiExit(
        code: code,
        summary: summary,
        standardError: standardError,
        stopRequested: session.context.stop.isStopRequested
      )
    case .signal: session.context.stop.isStopRequested ? .cancelled : .failed
    }
  }

  private func started(_ invocation: ToolInvocation, pid: Int) {
    session.lock.record(enginePID: pid)
    let identity = ProcessIdentity.of(pid: pid)
    state.withLock { $0.engine = identity }
    journal.append(
      .toolStarted(
        tool: invocation.tool,
        version: invocation.version,
        arguments: invocation.arguments,
        pid: pid
      )
    )
  }

  private func invocation(_ command: PulumiCommand, input: [UInt8]) -> ToolInvocation {
    let engine = session.context.engine
    return ToolInvocation(
      tool: engine.name.rawValue,
      version: engine.version,
      executable: engine.path,
      arguments: command.arguments(stack: adapter.stackArgument),
      environment: environment,
      workingDirectory: workspace.path,
      force: .interruptedSession(seconds: Self.forceSeconds),
      input: input
    )
  }

  // MARK: Failures

  /// What a failed command means for the job.
  func failed(_ outcome: inout JobOutcome, _ result: RunResult) -> JobMachine.Report {
    if let problem = result.startProblem { return failed(&outcome, "The engine cannot be started", problem) }
    if case .signal(let signal) = result.tool, result.exit != .cancelled {
      outcome.lostEngine = true
      return failed(
        &outcome,
        "The engine was killed by signal \(signal)",
        "The state holds what was saved last; run a refresh before the next change."
      )
    }
    if result.exit == .cancelled { return .cancelled }
    if result.collected.summary?.isDoubtful == true {
      journal.append(
        .diagnostic(
          EngineDiagnostic(
            severity: .warning,
            summary: "The state may not be what is there",
            detail: "Pulumi says so at its end; run a refresh before the next change."
          )
        )
      )
    }
    let told = result.collected.diagnostics.first { $0.severity == .error }
    if let told, result.exit == .failed {
      let isPluginMissing = result.collected.diagnostics.contains {
        $0.severity == .error && PulumiFailure.isPluginMissing("\($0.summary)\n\($0.detail)")
      }
      outcome.exitCode =
        isPluginMissing ? .unavailable : FailureKind(of: result.collected.diagnostics).exitCode
      outcome.reason = told.summary
      return .failed
    }
    let text =
      result.collected.standardError.isEmpty
      ? result.collected.complaints.joined(separator: "\n") : result.collected.standardError
    return failed(&outcome, Failure(exit: result.exit, tool: result.tool, text: text), nil)
  }

  /// - Parameter problem: what could not be done, where the command's own words do not tell.
  func failed(_ outcome: inout JobOutcome, _ failure: Failure, _ problem: String?) -> JobMachine.Report {
    if failure.exit == .cancelled || session.context.stop.isStopRequested { return .cancelled }
    if case .signal = failure.tool { outcome.lostEngine = true }
    let said = PulumiFailure(exit: failure.exit, text: failure.text)
    let report = failed(&outcome, said.summary ?? problem ?? "pulumi failed", said.detail)
    outcome.exitCode = said.exitCode
    return report
  }

  func failed(_ outcome: inout JobOutcome, _ summary: String, _ detail: String) -> JobMachine.Report {
    journal.append(.diagnostic(EngineDiagnostic(severity: .error, summary: summary, detail: detail)))
    outcome.exitCode = .failed
    outcome.reason = summary
    return .failed
  }
}
