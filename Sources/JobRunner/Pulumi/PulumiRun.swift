import Engines
import LocalFiles
import StackModel
import Synchronization
import ToolProcess
import Translation

/// Runs Pulumi's commands for the phases of one job and turns what it says into events.
final class PulumiRun: EngineRun {
  struct State {
    /// There is no such stack: nothing to look at and nothing to remove.
    var isMissing = false
    var preview: PulumiPreview?
    /// Whether the preview was saved as a plan that an update is held to.
    var hasPlan = false
    /// The process that ran last.
    var engine: ProcessIdentity?
    /// Resources whose making a dead process has begun and not written down the end of.
    var hasPendingCreates = false
    /// The engine ended in the middle of a change without saying how that went.
    var brokeOff = false
  }

  let adapter: PulumiAdapter
  let environment: [String: String]
  let state = Mutex(State())

  init(adapter: PulumiAdapter, environment: [String: String]) {
    self.adapter = adapter
    self.environment = environment
  }

  var session: EngineSession { adapter.session }
  var job: Job { session.job }
  var journal: Journal { session.journal }
  var workspace: PulumiWorkspace { adapter.workspace }
  var change: PulumiCommand.Change {
    PulumiCommand.Change(
      refresh: job.refresh,
      parallelism: job.parallelism,
      replace: job.replace.compactMap(urn)
    )
  }

  // MARK: Phases

  func initialize(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.`init`))
    var report = checkReplacements(&outcome)
    if report == .succeeded { report = await installPlugins(&outcome) }
    if report == .succeeded { report = await openStack(&outcome) }
    if report == .succeeded, !state.withLock({ $0.isMissing }) { report = await recover(&outcome) }
    if report == .succeeded, runsProgram { report = await setSecrets(&outcome) }
    journal.append(.phaseFinished(.`init`, report.result, seconds: watch.seconds))
    return report
  }

  private func checkReplacements(_ outcome: inout JobOutcome) -> JobMachine.Report {
    guard let unknown = job.replace.first(where: { urn($0) == nil }) else { return .succeeded }
    let report = failed(
      &outcome,
      "The program has no resource `\(unknown)`",
      "`--replace` takes a name as the plan shows it."
    )
    outcome.exitCode = .badData
    return report
  }

  /// Of a resource of the program by its name; nil where there is none.
  private func urn(_ name: String) -> String? {
    let program = job.program.files.first { $0.path == PulumiTemplate.programFile }
    let document = program.flatMap { try? JSONValue(parsing: $0.bytes) }
    guard let type = document?["resources"]?[name]?["type"]?.string else { return nil }
    return PulumiURN.of(
      name,
      type: type,
      stack: adapter.stack,
      project: PulumiStackName.project(job.stack)
    )
  }

  /// Operations on what the state holds run no program, and so need none of its config.
  private var runsProgram: Bool { job.flow.operation == .preview || job.flow.operation == .update }

  private func openStack(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let command: PulumiCommand =
      runsProgram ? .selectStack(secretsProvider: adapter.state.secretsProvider) : .openStack
    switch await call(command) {
    case .success: return .succeeded
    case .failure(let failure) where failure.exit == .noStack:
      if [.destroy, .destroyPreview].contains(job.flow.operation) {
        state.withLock { $0.isMissing = true }
        return .succeeded
      }
      let report = failed(&outcome, "The stack has no state", "There is nothing to look at: apply it first.")
      outcome.exitCode = .badData
      return report
    case .failure(let failure): return failed(&outcome, failure, "The stack cannot be opened")
    }
  }

  /// By standard input: everybody on the machine can read arguments.
  private func setSecrets(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    var values = job.program.secrets[Program.pulumiConfig] ?? [:]
    if let kubeconfig = job.connection?.kubeconfig { values["kubeconfig"] = Secret(kubeconfig.text()) }
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      // Pulumi takes one line feed at the end away.
      let input = Array((value.reveal() + "\n").utf8)
      guard case .failure(let failure) = await call(.setSecret(name), input: input) else { continue }
      return failed(&outcome, failure, "The secret config `\(name)` cannot be set")
    }
    return .succeeded
  }

  func apply(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let stands = await isStillApproved(&outcome)
    guard stands == .succeeded else { return stands }
    let watch = Stopwatch()
    journal.append(.phaseStarted(.update))
    let report = await carryOut(&outcome)
    journal.append(.phaseFinished(.update, report.result, seconds: watch.seconds))
    return report
  }

  private func carryOut(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let rollout = RolloutWatch(journal: journal)
    if let look = session.context.look { rollout.start(look.progress) }
    var result = await run(applyCommand, planned: .dropped, isGuarded: true)
    if result.exit == .locked, await breakDeadLock(result.collected.standardError) {
      result = await run(applyCommand, planned: .dropped, isGuarded: true)
    }
    rollout.end()
    if let summary = result.collected.summary {
      outcome.applied = summary.changes
      journal.append(.applied(summary.changes))
    }
    // It says what it did even where that fails. One that says nothing broke off, whatever its exit code is: what it had
    // begun is looked for by the next job.
    if result.collected.summary == nil, [.succeeded, .failed, .usage].contains(result.exit) {
      state.withLock { $0.brokeOff = result.startProblem == nil }
      if result.exit == .succeeded {
        return failed(
          &outcome,
          "The engine ended without its summary",
          "It has changed something, and has not said how that went. The next apply, refresh or destroy looks for what it began."
        )
      }
    }
    guard result.exit == .succeeded else { return failed(&outcome, result) }
    if session.context.stop.isStopRequested { return .cancelled }
    await forgetPendingCreates()
    adapter.forgetInterruption()
    return job.flow.operation == .update ? await tellOutputs(&outcome) : .succeeded
  }

  private var applyCommand: PulumiCommand {
    switch job.flow.operation {
    case .destroy, .destroyPreview: .destroy(change)
    case .refresh, .drift, .outputs:
      .refresh(change, clearsPendingCreates: state.withLock { $0.hasPendingCreates })
    case .preview, .update:
      .update(
        change,
        plan: state.withLock { $0.hasPlan } ? PulumiWorkspace.planFile : nil,
        message: "stackjob \(job.id)"
      )
    }
  }

  func readOutputs(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.outputs))
    let report = await tellOutputs(&outcome)
    journal.append(.phaseFinished(.outputs, report.result, seconds: watch.seconds))
    return report
  }

  private func tellOutputs(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    switch await call(.outputs) {
    case .success(let text):
      guard let json = try? JSONValue(parsing: text), let outputs = json.object else {
        return failed(
          &outcome,
          "The outputs cannot be read",
          "`pulumi stack output` printed no JSON document."
        )
      }
      outcome.outputs = outputs.map { name, value in
        StackOutput(name: name, value: value, isSensitive: value.string == "[secret]")
      }
      for output in outcome.outputs { journal.append(.output(output)) }
      return .succeeded
    case .failure(let failure): return failed(&outcome, failure, "The outputs cannot be read")
    }
  }

  func close(into outcome: inout JobOutcome) async {
    adapter.keepSettings()
    let wasForced = outcome.result == .cancelled && journal.inFlight.isEmpty == false
    let (engine, brokeOff) = state.withLock { ($0.engine, $0.brokeOff) }
    if outcome.lostEngine || wasForced || brokeOff, let engine {
      adapter.rememberInterruption(of: engine)
    }
    LeftProcesses.find(workspace: workspace.path, recorded: nil).endAll()
    Workspace(path: workspace.path).discard()
  }
}
