import Synchronization

/// Ends a worker's pause early when something has happened.
package final class Waker: Sendable {
  private struct State {
    /// Something happened while nobody waited.
    var isPending = false
    var waiting: CheckedContinuation<Void, Never>?
    /// Counts the pauses, so that a timer ends its own alone.
    var pause = 0
  }

  private let state = Mutex(State())

  package init() {}

  package func wake() { end(pause: nil) }

  private func end(pause: Int?) {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if let pause, pause != state.pause { return nil }
      guard let waiting = state.waiting else {
        if pause == nil { state.isPending = true }
        return nil
      }
      state.waiting = nil
      return waiting
    }
    waiting?.resume()
  }

  /// Returns when something has happened since the last call, or after that long.
  package func wait(milliseconds: Int) async {
    let pause = state.withLock { state in
      state.pause += 1
      return state.pause
    }
    let timer = Task {
      // Cancelled when the pause has ended early.
      do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
      end(pause: pause)
    }
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        defer { state.isPending = false }
        if !state.isPending { state.waiting = continuation }
        return state.isPending
      }
      if isOver { continuation.resume() }
    }
    timer.cancel()
  }
}
