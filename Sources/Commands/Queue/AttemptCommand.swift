import ArgumentParser
import JobRunner
import JobSources
import LocalFiles
import ProviderHost
import StackModel
import Synchronization
import ToolProcess
import Worker
import YAMLTree

/// Runs one attempt of a queued job in this process, whose standard output is the attempt's event log.
struct AttemptCommand {
  let folder: QueueJobFolder
  let attempt: AttemptFolder
  let record: QueuedJob
  /// With a key the job must be signed by it.
  let keyFile: String?
  /// The worker's started providers.
  let spares: SpareSource?
  private let limits = TimeLimits()
  private let end = End()

  private final class End: Sendable {
    let outcome = Mutex<JobOutcome?>(nil)
    /// `job.finished`, if the job came that far.
    let event = Mutex<JSONValue?>(nil)
  }

  init(
    folder: QueueJobFolder,
    attempt: AttemptFolder,
    record: QueuedJob,
    keyFile: String?,
    spares: SpareSource?
  ) {
    self.folder = folder
    self.attempt = attempt
    self.record = record
    self.keyFile = keyFile
    self.spares = spares
  }

  /// - Returns: false when another process has the attempt.
  func claim() throws(FileError) -> Bool {
    do throws(FileError) {
      try LocalFiles.add(attempt.supervisor, with: ProcessIdentity.current().json.bytes(.pretty))
      return true
    } catch {
      guard error.alreadyExists else { throw error }
      return false
    }
  }

  func run() async throws {
    Console.keepOutput()
    var exitCode = StackModel.ExitCode.done
    do {
      try await execute()
    } catch let code as ThrownExitCode {
      exitCode = StackModel.ExitCode(rawValue: code.rawValue) ?? .failed
    } catch {
      Console.note("error: \(error)\n")
      exitCode = .failed
    }
    let outcome = end.outcome.withLock { $0 }
    let summary = summary(exitCode, outcome).json.bytes(.pretty)
    // Whoever found no outcome would take the change for one that was cut short: rather wait for room on the disk.
    while true {
      do throws(FileError) { return try keep(outcome, summary) } catch {
        guard error.mayPass else { throw error }
      }
      // Cancelled or not, there is nothing else to do.
      try? await Task.sleep(for: .milliseconds(300))
    }
  }

  private func keep(_ outcome: JobOutcome?, _ summary: [UInt8]) throws(FileError) {
    if let failure = Console.flushOutput(), failure.mayPass { throw failure }
    if let outputs = outcome?.outputs, !outputs.isEmpty {
      let document = JSONObject(
        outputs.map { ($0.name, $0.isSensitive ? .string(Secret.mask) : $0.value) }
      )
      try LocalFiles.replace(attempt.outputs, with: JSONValue.object(document).bytes(.pretty))
    }
    // Last, and whole or not at all: the attempt is over once it is there.
    try LocalFiles.replace(attempt.outcome, with: summary)
  }

  private func summary(_ exitCode: StackModel.ExitCode, _ outcome: JobOutcome?) -> AttemptOutcome {
    let end = end.event.withLock { $0 }
    // A job that was stopped before it had begun has no last event.
    let unsaid: JobResult = exitCode == .done ? .succeeded : exitCode == .cancelled ? .cancelled : .failed
    let result = end?["result"]?.string.flatMap(JobResult.init) ?? unsaid
    let problems = Console.shown
    let makesPlan = record.step == .plan || record.step == .inspect
    if let exceeded = limits.exceeded, exitCode != .done {
      return AttemptOutcome(
        step: record.step,
        result: .failed,
        exitCode: Int(StackModel.ExitCode.failed.rawValue),
        reason: "timeout: \(exceeded)",
        digest: nil,
        diagnostics: problems.map(\.json),
        journal: outcome?.journal
      )
    }
    let hasChanges = outcome?.plan?.hasChanges == true
    var ended = AttemptOutcome(
      step: record.step,
      result: exitCode == .done ? result : result == .succeeded ? .failed : result,
      exitCode: Int(exitCode.rawValue),
      reason: end?["reason"]?.string ?? problems.first { $0.severity == .error }?.message,
      digest: makesPlan && hasChanges
        ? PlanFolder(path: folder.plan).readRecord()?.digest.combined : nil,
      diagnostics: problems.map(\.json),
      journal: outcome?.journal
    )
    ended.lostEngine = outcome?.lostEngine ?? false
    return ended
  }

  private func execute() async throws {
    var bytes = try LocalFiles.read(folder.document)
    if let keyFile {
      let key = try KeyFile.read(keyFile)
      bytes = try Console.get(SignedStackJob.verified(bytes, by: key, file: folder.document))
    }
    let job = try Console.get(StackJob.read(bytes, file: folder.document))
    let manifest = try JobDescription.manifestOptions(job, try manifestFile(job))
    let session = try Session.open(templates: [], sandbox: job.isSandbox)
      .asking(YAMLReader.read(bytes, file: folder.document).documents.first?["sources"])
      .keepingState(in: job.backend, file: folder.document)
    let loaded =
      job.needsImage
      ? try await session.resolvedManifests(manifest) : try session.manifests(manifest, needsImage: false)
    var engine: [String] = job.isSandbox ? ["--sandbox"] : []
    if let providers = job.providers { engine += ["--providers", providers] }
    if let name = job.engine { engine += ["--engine", name.rawValue] }
    var command = JobCommand(
      session: session,
      operation: operation(job),
      engine: try EngineOptions.parse(engine),
      output: try OutputOptions.parse(["--output", "ndjson"])
    )
    command.autoApprove = true
    command.spares = spares
    command.refresh = !job.skipRefresh || record.step == .inspect
    command.markdownOut = attempt.markdown
    switch record.step {
    case .whole: break
    case .inspect where job.operation != .update && job.operation != .destroy: break
    case .plan, .inspect: command.planOut = PlanFolder(path: folder.plan)
    case .applyPlan: command.savedPlan = try approvedPlan()
    }
    limits.start(job)
    command.onEvent = { [limits, end] event in
      limits.note(event)
      if case .jobFinished = event.body { end.event.withLock { $0 = event.json } }
    }
    command.onEnd = { [end] outcome in end.outcome.withLock { $0 = outcome } }
    try await command.run(loaded)
  }

  /// Of what is signed nothing may come from files that are not.
  private func manifestFile(_ job: StackJob) throws -> String {
    guard keyFile != nil else { return job.manifestFile ?? folder.manifest }
    guard let text = job.manifest, job.references.isEmpty else {
      try Console.require([
        .error(
          "queue.signature",
          "the job names files, which its signature does not cover",
          at: SourceLocation(file: folder.document),
          hint: "put the manifest into the job, and references into the worker's settings"
        )
      ])
      throw StackModel.ExitCode.badData.thrown
    }
    try LocalFiles.replace(attempt.manifest, with: Array(text.utf8))
    return attempt.manifest
  }

  private func operation(_ job: StackJob) -> StackModel.Operation {
    switch record.step {
    case .whole, .applyPlan: job.operation
    case .plan, .inspect: job.operation == .destroy ? .destroyPreview : .preview
    }
  }

  /// The plan, if it is the one that was decided on.
  private func approvedPlan() throws -> PlanFolder {
    let plan = PlanFolder(path: folder.plan)
    let decision = LocalFiles.text(folder.decision).flatMap { try? JSONValue(parsing: $0) }
    guard let approved = decision?["digest"]?.string, decision?["approved"]?.bool == true,
      plan.readRecord()?.digest.combined == approved
    else {
      try Console.require([
        .error(
          "plan.refused",
          "the plan is not the one that was approved",
          at: SourceLocation(file: plan.path),
          hint: "make a new plan and have that one approved: stackjob rerun"
        )
      ])
      throw StackModel.ExitCode.badData.thrown
    }
    return plan
  }
}
