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
    /// SIGKILL to the command and its children.
    var kill: @Sendable () -> Void
    /// Seconds that a second SIGINT is given before; nil for none.
    var grace: Double?
  }

  private struct State {
    var target: Target?
    var isStopRequested = false
    /// The target has had its one SIGINT.
    var isInterrupted = false
    /// The target has had a second SIGINT.
    var isForced = false
    /// Tells one target from the next.
    var count = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// True once a stop was asked for; nothing new is started after that.
  package var isStopRequested: Bool { state.withLock { $0.isStopRequested } }

  /// Asks for a stop. A running child gets exactly one SIGINT in its life, however often this is
  /// called.
  package func requestStop() {
    state.withLock { state in
      state.isStopRequested = true
      Self.interrupt(&state)
    }
  }

  /// Kills what runs now and all its children, at once or after the grace of a target that has one. State that the
  /// engine held in memory is lost.
  package func force() {
    let waiting = state.withLock { state -> (count: Int, grace: Double)? in
      state.isStopRequested = true
      guard let target = state.target else { return nil }
      guard let grace = target.grace, !state.isForced else {
        target.kill()
        return nil
      }
      state.isForced = true
      target.interrupt()
      return (state.count, grace)
    }
    guard let waiting else { return }
    Task {
      var left = waiting.grace
      while left > 1 {
        try? await Task.sleep(for: .seconds(1))
        left -= 1
        // Two signals that come before a busy process has looked are one to it.
        state.withLock { if $0.count == waiting.count { $0.target?.interrupt() } }
      }
      try? await Task.sleep(for: .seconds(left))
      state.withLock { if $0.count == waiting.count { $0.target?.kill() } }
    }
  }

  /// Called by the runner once a child is started. A stop that came a moment earlier reaches it now.
  func attach(_ target: Target) {
    state.withLock { state in
      state.target = target
      state.isInterrupted = false
      state.isForced = false
      state.count += 1
      if state.isStopRequested { Self.interrupt(&state) }
    }
  }

  /// Called by the runner before the child is reaped. Signals are sent under the same lock, so that none
  /// can reach a reused pid.
  func detach() {
    state.withLock { $0.target = nil }
  }

  private static func interrupt(_ state: inout State) {
    guard let target = state.target, !state.isInterrupted else { return }
    state.isInterrupted = true
    target.interrupt()
  }
}
