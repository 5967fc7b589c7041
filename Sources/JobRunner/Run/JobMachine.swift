package import StackModel

/// The order of the steps of a job, as a pure state machine.
///
/// The runner asks for the first action and reports how each went; the machine says what comes next.
/// It does no work and keeps no time, so that every path through a job can be tested as a table.
package struct JobMachine: Sendable {
  package enum Action: Sendable, Equatable {
    case initialize
    case plan
    /// Read the saved plan in full: needed to show it.
    case show
    case approve
    case apply
    case readOutputs
    case finish(JobResult)
  }

  /// How an action ended.
  package enum Report: Sendable, Equatable {
    case succeeded
    /// A plan was made; whether it would change anything.
    case planned(hasChanges: Bool)
    case approved
    case rejected
    case failed
    /// The user stopped the job; what was in flight is over.
    case cancelled
  }

  package struct Flow: Sendable, Equatable {
    package var operation: Operation
    /// The plan is wanted with its attributes, for a person, a document or a folder.
    package var showsPlan: Bool
    package var needsApproval: Bool
    /// A plan made earlier is applied instead of a new one.
    package var appliesSavedPlan: Bool

    package init(
      operation: Operation,
      showsPlan: Bool = true,
      needsApproval: Bool = false,
      appliesSavedPlan: Bool = false
    ) {
      self.operation = operation
      self.showsPlan = showsPlan
      self.needsApproval = needsApproval
      self.appliesSavedPlan = appliesSavedPlan
    }

    /// Whether the operation ends by changing something.
    package var changesThings: Bool {
      switch operation {
      case .update, .destroy, .refresh: true
      case .preview, .destroyPreview, .drift, .outputs: false
      }
    }
  }

  private let flow: Flow
  private var current: Action = .initialize
  private var hasChanges = true

  package init(_ flow: Flow) { self.flow = flow }

  package var first: Action { current }

  package mutating func next(after report: Report) -> Action {
    current = decide(report)
    return current
  }

  private mutating func decide(_ report: Report) -> Action {
    switch report {
    case .failed: return .finish(.failed)
    case .cancelled: return .finish(.cancelled)
    case .rejected: return .finish(.rejected)
    case .planned(let hasChanges): self.hasChanges = hasChanges
    case .succeeded, .approved: break
    }
    switch current {
    case .initialize:
      if flow.operation == .outputs { return .readOutputs }
      return flow.appliesSavedPlan ? .show : .plan
    case .plan: return flow.showsPlan ? .show : afterPlan
    case .show: return afterPlan
    case .approve: return .apply
    case .apply, .readOutputs, .finish: return .finish(.succeeded)
    }
  }

  /// An empty plan is not applied: there is nothing to approve and nothing to do.
  private var afterPlan: Action {
    guard flow.changesThings, hasChanges else { return .finish(.succeeded) }
    return flow.needsApproval ? .approve : .apply
  }
}
