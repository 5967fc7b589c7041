import Engines
import LocalFiles
import StackModel
import Synchronization
import ToolProcess
import Translation

/// Previews: made, told, kept, and held against what was approved.
extension PulumiRun {
  func plan(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let report = await preview(&outcome, planned: isLookAtState ? .drift : .told)
    guard report == .succeeded else { return report }
    return job.flow.showsPlan ? .succeeded : ready(digest: nil, &outcome)
  }

  func show(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    if job.savedPlan != nil { return await showSaved(&outcome) }
    guard let preview = state.withLock({ $0.preview }) else { return .failed }
    do throws(FileError) {
      return ready(digest: try digest(preview), &outcome)
    } catch {
      return failed(&outcome, "The plan cannot be kept", error.description)
    }
  }

  /// What an approval names; nil where nobody keeps the plan or is asked about it.
  private func digest(_ preview: PulumiPreview) throws(FileError) -> String? {
    guard job.planOut != nil || job.flow.needsApproval else { return nil }
    let digest = try adapter.digest(preview.bytes)
    if let folder = job.planOut { try keep(preview, digest, in: folder) }
    return digest.combined
  }

  private func keep(
    _ preview: PulumiPreview,
    _ digest: PlanDigest,
    in folder: PlanFolder
  ) throws(FileError) {
    var files = [Program.File(path: PulumiWorkspace.previewFile, bytes: preview.bytes)]
    if LocalFiles.exists(workspace.plan) {
      files.append(Program.File(path: PulumiWorkspace.planFile, bytes: try LocalFiles.read(workspace.plan)))
    }
    if let text = LocalFiles.text(workspace.settings(adapter.stack)) {
      files.append(
        Program.File(path: "stack.yaml", bytes: Array(PulumiWorkspace.keptSettings(text).utf8))
      )
    }
    let document: JSONValue = [
      "summary": preview.summary.json,
      "changes": .array(preview.changes.map { .object($0.members) }),
    ]
    try folder.keep(
      files,
      program: job.program,
      document: journal.redactor.redact(document),
      record: session.planRecord(digest)
    )
  }

  /// Pulumi holds an update to its plan step by step, and so would do some before it refuses one. What it is about to do
  /// is therefore looked at first.
  private func showSaved(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let report = await preview(&outcome, planned: .told, savesPlan: false)
    guard report == .succeeded, let preview = state.withLock({ $0.preview }) else { return report }
    guard preview.bytes == (try? LocalFiles.read(workspace.expectedPreview)) else {
      return refused(&outcome, "a preview finds other changes now than when the plan was made")
    }
    return ready(digest: job.savedPlan?.readRecord()?.digest.combined, &outcome)
  }

  func refused(_ outcome: inout JobOutcome, _ why: String) -> JobMachine.Report {
    let report = failed(
      &outcome,
      "The plan no longer stands",
      "\(why). Nothing was changed. Make a new plan and have that one approved."
    )
    outcome.exitCode = .badData
    return report
  }

  /// Whether what is about to be done is still what was approved. A plan that Pulumi saved sees to that by itself.
  func isStillApproved(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let (approved, hasPlan) = state.withLock { ($0.preview, $0.hasPlan) }
    guard job.flow.needsApproval, !hasPlan, let approved else { return .succeeded }
    let report = await preview(&outcome, planned: isLookAtState ? .drift : .dropped)
    guard report == .succeeded else { return report }
    guard state.withLock({ $0.preview })?.bytes == approved.bytes else {
      return refused(&outcome, "what would be done has changed since it was approved")
    }
    return .succeeded
  }

  // MARK: Making one

  var isLookAtState: Bool { job.flow.operation == .drift || job.flow.operation == .refresh }

  private func preview(
    _ outcome: inout JobOutcome,
    planned: PulumiLineReader.Planned,
    savesPlan: Bool = true
  ) async -> JobMachine.Report {
    let watch = Stopwatch()
    journal.append(.phaseStarted(.preview))
    let report = await runPreview(&outcome, planned, savesPlan: savesPlan)
    journal.append(.phaseFinished(.preview, report.result, seconds: watch.seconds))
    return report
  }

  private func runPreview(
    _ outcome: inout JobOutcome,
    _ planned: PulumiLineReader.Planned,
    savesPlan: Bool
  ) async -> JobMachine.Report {
    if state.withLock({ $0.isMissing }) {
      state.withLock { $0.preview = PulumiPreview(summary: ChangeSummary(), changes: []) }
      return .succeeded
    }
    var result = await run(previewCommand(savesPlan: savesPlan), planned: planned)
    if savesPlan, result.exit != .succeeded, result.collected.standardError.contains(Self.noPlans) {
      result = await run(previewCommand(savesPlan: false), planned: planned)
    }
    guard result.exit == .succeeded || result.exit == .changes else { return failed(&outcome, result) }
    guard let summary = result.collected.summary else {
      return failed(
        &outcome,
        "The preview ended without its summary",
        "What it has found so far may not be all of it, and is not counted."
      )
    }
    guard !result.collected.isCut else {
      return failed(
        &outcome,
        "The preview cannot be read whole",
        "One of its lines is longer than 64 MiB, so that a change may be missing from what is shown and approved."
      )
    }
    let changes = isLookAtState ? result.collected.drift : result.collected.planned
    state.withLock {
      $0.preview = PulumiPreview(summary: summary.changes, changes: changes)
      $0.hasPlan = LocalFiles.isFile(workspace.plan)
    }
    outcome.changes = isLookAtState ? [] : changes
    outcome.drift = isLookAtState ? changes : []
    return .succeeded
  }

  /// What a Pulumi that saves no plans says of the flag.
  private static let noPlans = "unknown flag: --save-plan"

  private func previewCommand(savesPlan: Bool) -> PulumiCommand {
    switch job.flow.operation {
    case .preview, .update: .preview(change, savePlan: savesPlan ? PulumiWorkspace.planFile : nil)
    case .destroyPreview, .destroy: .previewDestroy(change)
    case .drift, .outputs: .drift(change)
    case .refresh: .previewRefresh(change)
    }
  }

  private func ready(digest: String?, _ outcome: inout JobOutcome) -> JobMachine.Report {
    guard let preview = state.withLock({ $0.preview }) else { return .failed }
    // A look at the state changes nothing by itself: what it finds is drift.
    let plan = PlanReady(
      summary: isLookAtState ? ChangeSummary() : preview.summary,
      digest: digest,
      outputChanges: 0
    )
    outcome.plan = plan
    journal.append(.planReady(plan))
    let refreshes = job.flow.operation == .refresh && !preview.summary.isEmpty
    return .planned(hasChanges: plan.hasChanges || refreshes)
  }
}
