import Synchronization

/// The one way to stop the command that is running.
///
/// A stop is never a task cancellation: cancelling the task that reads a child's output closes its
/// pipe, and Terraform then dies of SIGPIPE with an empty state file. A stop is a value that travels
/// here, and the readers read on to the end.
package final class StopSwitch: Sendable {
  /// How to reach the child that runs now.
  struct Target: Sendable {
    var pid: Int32
    /// SIGINT to the engine's own process, never to its group: plugins that also get it may die
    /// under a running apply, and a second signal makes Terraform give up at once.
    var interrupt: @Sendable () -> Void
    /// SIGKILL to the whole session.
    var kill: @Sendable () -> Void
  }

  private struct State {
    var target: Target?
    var isStopRequested = false
    var interruptedPID: Int32?
  }

  private let state = Mutex(State())

  package init() {}

  /// True once a stop was asked for; nothing new is started after that.
  package var isStopRequested: Bool { state.withLock { $0.isStopRequested } }

  /// The child that runs now.
  package var runningPID: Int32? { state.withLock { $0.target?.pid } }

  /// Asks for a stop. A running child gets exactly one SIGINT in its life, however often this is
  /// called.
  package func requestStop() {
    let interrupt = state.withLock { state -> (@Sendable () -> Void)? in
      state.isStopRequested = true
      return Self.armInterrupt(&state)
    }
    interrupt?()
  }

  /// Kills what runs now and all its children. State that the engine held in memory is lost.
  package func force() {
    state.withLock { state -> (@Sendable () -> Void)? in
      state.isStopRequested = true
      return state.target?.kill
    }?()
  }

  /// Called by the runner once a child is started. A stop that came a moment earlier reaches it now.
  func attach(_ target: Target) {
    let interrupt = state.withLock { state -> (@Sendable () -> Void)? in
      state.target = target
      return state.isStopRequested ? Self.armInterrupt(&state) : nil
    }
    interrupt?()
  }

  /// Called by the runner before the child is reaped, so that no signal can reach a reused pid.
  func detach() {
    state.withLock { $0.target = nil }
  }

  private static func armInterrupt(_ state: inout State) -> (@Sendable () -> Void)? {
    guard let target = state.target, state.interruptedPID != target.pid else { return nil }
    state.interruptedPID = target.pid
    return target.interrupt
  }
}
