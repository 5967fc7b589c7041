import Engines
import LocalFiles
import StackModel
import Synchronization
import ToolProcess
import Translation

/// Runs the engine's commands for the phases of one job and turns what it says into events.
struct EngineRun {
  let session: EngineSession
  let environment: [String: String]

  private var job: Job { session.job }
  private var journal: Journal { session.journal }
  private var workspace: Workspace { Workspace(path: session.files.workspace) }

  // MARK: Phases

  func initialize(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    await phase(.`init`, .initialize, &outcome).report
  }

  func plan(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let command = TerraformCommand.plan(
      TerraformCommand.Plan(
        mode: mode,
        outFile: Workspace.planFile,
        refresh: job.refresh,
        parallelism: job.parallelism,
        replace: job.replace
      )
    )
    // What is planned is told in full by the show phase, if there is one.
    let result = await phase(.preview, command, &outcome, dropsPlannedChanges: job.flow.showsPlan)
    guard result.report == .succeeded else { return result.report }
    if !job.flow.showsPlan {
      outcome.changes = result.collected.planned
      return ready(
        PlanReady(
          summary: result.collected.planSummary ?? ChangeSummary(counting: outcome.changes),
          digest: nil,
          outputChanges: result.collected.outputChanges
        ),
        refreshes: result.collected.refreshes,
        &outcome
      )
    }
    return .succeeded
  }

  private var mode: TerraformCommand.Plan.Mode {
    switch job.flow.operation {
    case .preview, .update: .update
    case .destroyPreview, .destroy: .destroy
    case .refresh, .drift, .outputs: .refreshOnly
    }
  }

  func show(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let json: JSONValue
    switch await document(.show(planFile: Workspace.planFile), "The plan cannot be read", &outcome) {
    case .success(let found): json = found
    case .failure(let end): return end.report
    }
    let plan = TerraformPlan(json: json, owned: job.program.ownedAttributes)
    outcome.changes = plan.changes
    outcome.drift = plan.drift
    for change in plan.drift { journal.append(.resourceDrifted(change)) }
    for change in plan.changes { journal.append(.resourcePlanned(change)) }
    var digest: String?
    if let folder = job.planOut ?? job.savedPlan {
      do throws(FileError) {
        digest =
          job.planOut == nil
          ? folder.readRecord()?.digest.combined : try keepPlan(in: folder, document: json)
      } catch {
        return failed(&outcome, "The plan cannot be kept", error.description)
      }
    }
    let ready = PlanReady(summary: plan.summary, digest: digest, outputChanges: plan.outputChanges)
    return self.ready(ready, refreshes: plan.hasRefreshChanges, &outcome)
  }

  private func keepPlan(in folder: PlanFolder, document: JSONValue) throws(FileError) -> String {
    let engine = session.context.engine
    let binary = try EngineCache(home: session.context.stateHome).digest(of: engine.path)
    let digest = try PlanDigest(workspace: workspace, program: job.program, engineDigest: binary)
    try folder.keep(
      workspace: workspace,
      program: job.program,
      document: journal.redactor.redact(document),
      record: PlanRecord(
        stack: job.stack,
        operation: job.flow.operation,
        engine: engine.name,
        engineVersion: engine.version,
        backend: job.backend,
        manifest: job.manifest,
        created: session.context.clock().description,
        secrets: job.program.secrets.mapValues { $0.keys.sorted() },
        digest: digest
      )
    )
    return digest.combined
  }

  /// A refresh-only plan has no changes to count: what it brings in is what the refresh found.
  private func ready(
    _ plan: PlanReady,
    refreshes: Bool,
    _ outcome: inout JobOutcome
  ) -> JobMachine.Report {
    outcome.plan = plan
    journal.append(.planReady(plan))
    return .planned(hasChanges: plan.hasChanges || mode == .refreshOnly && refreshes)
  }

  func apply(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let command = TerraformCommand.apply(planFile: Workspace.planFile, parallelism: job.parallelism)
    let result = await phase(.update, command, &outcome)
    outcome.applied = result.collected.applySummary
    outcome.outputs = result.collected.outputs
    return result.report
  }

  func readOutputs(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.outputs))
    let report: JobMachine.Report
    switch await document(.output, "The outputs cannot be read", &outcome) {
    case .success(let json):
      outcome.outputs = (json.object ?? [:]).map { StackOutput(name: $0.key, terraform: $0.value) }
      for output in outcome.outputs { journal.append(.output(output)) }
      report = .succeeded
    case .failure(let end): report = end.report
    }
    journal.append(.phaseFinished(.outputs, report.result, seconds: watch.seconds))
    return report
  }

  // MARK: One command

  /// A command that ended without giving what was asked of it.
  private struct CommandEnd: Error {
    var report: JobMachine.Report
  }

  /// Runs a command that prints one JSON document.
  private func document(
    _ command: TerraformCommand,
    _ problem: String,
    _ outcome: inout JobOutcome
  ) async -> Result<JSONValue, CommandEnd> {
    let invocation = invocation(command)
    let watch = Stopwatch()
    let output: ToolOutput
    do throws(ToolStartError) {
      output = try await ToolOutput.collect(invocation, stop: session.context.stop)
    } catch {
      return .failure(
        CommandEnd(report: failed(&outcome, "The engine cannot be started", error.description))
      )
    }
    journal.append(.toolFinished(tool: invocation.tool, exit: output.exit, seconds: watch.seconds))
    if session.context.stop.isStopRequested { return .failure(CommandEnd(report: .cancelled)) }
    guard output.exit.isSuccess, let json = try? JSONValue(parsing: output.standardOutput) else {
      let said = String(output.standardError.prefix(4000))
      return .failure(CommandEnd(report: failed(&outcome, problem, said)))
    }
    return .success(json)
  }

  private struct PhaseResult {
    var report: JobMachine.Report
    var collected: Collected
  }

  /// What the lines of one command add up to.
  struct Collected {
    var planned: [PlannedChange] = []
    /// Whether the refresh found anything that differs from the state.
    var refreshes = false
    var diagnostics: [EngineDiagnostic] = []
    var outputs: [StackOutput] = []
    var outputChanges = 0
    var planSummary: ChangeSummary?
    var applySummary: ChangeSummary?
  }

  private func phase(
    _ phase: Phase,
    _ command: TerraformCommand,
    _ outcome: inout JobOutcome,
    dropsPlannedChanges: Bool = false
  ) async -> PhaseResult {
    let watch = Stopwatch()
    journal.append(.phaseStarted(phase))
    let invocation = invocation(command)
    let lines = LineReader(journal: journal, trace: job.trace, dropsPlannedChanges: dropsPlannedChanges)
    let exit: ToolExit
    do throws(ToolStartError) {
      exit = try await ToolRunner.run(
        invocation,
        stop: session.context.stop,
        onStart: { pid in
          session.lock.record(enginePID: pid)
          journal.append(
            .toolStarted(
              tool: invocation.tool,
              version: invocation.version,
              arguments: invocation.arguments,
              pid: pid
            )
          )
        },
        onLine: { lines.read($0) }
      ).exit
    } catch {
      journal.append(.phaseFinished(phase, .failed, seconds: watch.seconds))
      return PhaseResult(
        report: failed(&outcome, "The engine cannot be started", error.description),
        collected: lines.collected
      )
    }
    journal.append(.toolFinished(tool: invocation.tool, exit: exit, seconds: watch.seconds))
    let collected = lines.collected
    let report = judge(exit, collected, &outcome)
    journal.append(.phaseFinished(phase, report.result, seconds: watch.seconds))
    return PhaseResult(report: report, collected: collected)
  }

  private func judge(
    _ exit: ToolExit,
    _ collected: Collected,
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
      if kind == .unavailable { journal.append(.diagnostic(session.context.cliConfig.advice)) }
      outcome.reason = first?.summary ?? "\(session.context.engine.name.rawValue) ended with code \(code)"
      return .failed
    case .signal(let signal):
      return failed(
        &outcome,
        "The engine was killed by signal \(signal)",
        "The state holds what was saved last; run a refresh before the next change."
      )
    }
  }

  private func failed(_ outcome: inout JobOutcome, _ summary: String, _ detail: String) -> JobMachine.Report {
    journal.append(.diagnostic(EngineDiagnostic(severity: .error, summary: summary, detail: detail)))
    outcome.exitCode = .failed
    outcome.reason = summary
    return .failed
  }

  private func invocation(_ command: TerraformCommand) -> ToolInvocation {
    let engine = session.context.engine
    return ToolInvocation(
      tool: engine.name.rawValue,
      version: engine.version,
      executable: engine.path,
      arguments: command.arguments,
      environment: environment,
      workingDirectory: workspace.path
    )
  }
}

extension JobMachine.Report {
  fileprivate var result: JobResult {
    switch self {
    case .succeeded, .planned, .approved: .succeeded
    case .rejected: .rejected
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }
}

/// Turns the lines of one command into events, and keeps what the caller asks about afterwards.
private final class LineReader: Sendable {
  private let journal: Journal
  private let trace: @Sendable (EngineDiagnostic) -> EngineDiagnostic
  private let dropsPlannedChanges: Bool
  private let state = Mutex(EngineRun.Collected())

  init(
    journal: Journal,
    trace: @escaping @Sendable (EngineDiagnostic) -> EngineDiagnostic,
    dropsPlannedChanges: Bool
  ) {
    self.journal = journal
    self.trace = trace
    self.dropsPlannedChanges = dropsPlannedChanges
  }

  var collected: EngineRun.Collected { state.withLock { $0 } }

  func read(_ line: OutputLine) {
    if line.line.droppedBytes > 0 {
      journal.append(
        .log(
          stream: line.stream.rawValue,
          line: line.line.text + "… [\(line.line.droppedBytes) more bytes in this line]"
        )
      )
      return
    }
    switch TerraformMessage(line: line.line.text, stream: line.stream.rawValue) {
    case .event(let body): record(body)
    case .outputs(let outputs):
      state.withLock { $0.outputs = outputs }
      for output in outputs { journal.append(.output(output)) }
    case .outputChanges(let count): state.withLock { $0.outputChanges = count }
    case .summary(let summary, "plan"): state.withLock { $0.planSummary = summary }
    case .summary(let summary, _):
      state.withLock { $0.applySummary = summary }
      journal.append(.applied(summary))
    case .nothing: break
    }
  }

  private func record(_ body: JobEvent.Body) {
    switch body {
    case .diagnostic(let diagnostic) where diagnostic.concernsOurLockFile:
      journal.append(.log(stream: "stdout", line: "\(diagnostic.summary): \(diagnostic.detail)"))
    case .diagnostic(let diagnostic):
      let traced = trace(diagnostic)
      state.withLock { $0.diagnostics.append(traced) }
      journal.append(.diagnostic(traced))
    case .resourcePlanned(let change):
      state.withLock { $0.planned.append(change) }
      if !dropsPlannedChanges { journal.append(body) }
    case .resourceDrifted:
      // Without attributes nobody can tell real drift from the usual noise; the show phase can.
      state.withLock { $0.refreshes = true }
    default: journal.append(body)
    }
  }
}
