import Engines
import StackModel
import Synchronization
import ToolProcess

/// Turns the lines of one command into events, and keeps what the caller asks about afterwards.
final class TerraformLineReader: Sendable {
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
    /// Whether work on a resource was begun.
    var hasBegun = false
  }

  private let journal: Journal
  private let trace: @Sendable (EngineDiagnostic) -> EngineDiagnostic
  private let dropsPlannedChanges: Bool
  private let holdsErrors: Bool
  private let state = Mutex(Collected())

  init(
    journal: Journal,
    trace: @escaping @Sendable (EngineDiagnostic) -> EngineDiagnostic,
    dropsPlannedChanges: Bool,
    holdsErrors: Bool = false
  ) {
    self.journal = journal
    self.trace = trace
    self.dropsPlannedChanges = dropsPlannedChanges
    self.holdsErrors = holdsErrors
  }

  var collected: Collected { state.withLock { $0 } }

  /// Tells the errors that were held back.
  func tellErrors() {
    guard holdsErrors else { return }
    for diagnostic in collected.diagnostics where diagnostic.severity == .error {
      journal.append(.diagnostic(diagnostic))
    }
  }

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
      if !holdsErrors || traced.severity != .error { journal.append(.diagnostic(traced)) }
    case .resourcePlanned(let change):
      state.withLock { $0.planned.append(change) }
      if !dropsPlannedChanges { journal.append(body) }
    case .resourceDrifted:
      // Without attributes nobody can tell real drift from the usual noise; the show phase can.
      state.withLock { $0.refreshes = true }
    case .resourceStarted:
      state.withLock { $0.hasBegun = true }
      journal.append(body)
    default: journal.append(body)
    }
  }
}
