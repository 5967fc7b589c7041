import Synchronization
package import ToolProcess

/// Stops several children at once: a switch reaches one.
package final class ChildStops: Sendable {
  private struct State {
    var running: [ObjectIdentifier: StopSwitch] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())

  package init() {}

  package var isStopped: Bool { state.withLock { $0.isStopped } }

  /// Kills what runs; nothing is started after that. Only for children that change nothing.
  package func stop() {
    let running = state.withLock { state in
      state.isStopped = true
      return Array(state.running.values)
    }
    for stop in running { stop.force() }
  }

  /// Nil when stopped before it could start.
  package func collect(_ invocation: ToolInvocation) async throws(ToolStartError) -> ToolOutput? {
    let stop = StopSwitch()
    let isOpen = state.withLock { state in
      if !state.isStopped { state.running[ObjectIdentifier(stop)] = stop }
      return !state.isStopped
    }
    guard isOpen else { return nil }
    defer { state.withLock { $0.running[ObjectIdentifier(stop)] = nil } }
    return try await ToolOutput.collect(invocation, stop: stop)
  }
}
