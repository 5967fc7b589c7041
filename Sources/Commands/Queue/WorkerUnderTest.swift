import StackModel
import Synchronization
import ToolProcess

/// The worker that `conformance --worker` starts, and starts again when it has ended.
final class WorkerUnderTest: Sendable {
  private struct State {
    var stop = StopSwitch()
    var run: Task<Void, Never>?
    var isRunning = false
    var end: String?
    /// The last that it said on standard error.
    var last = ""
    var isStopped = false
  }

  private let invocation: ToolInvocation
  private let state = Mutex(State())
  /// What a worker gets to end by itself, in seconds.
  private static let graceSeconds = 15.0

  init(_ invocation: ToolInvocation) { self.invocation = invocation }

  /// How it ended; nil while it runs.
  var end: String? { state.withLock { $0.isRunning ? nil : $0.end } }

  func start() {
    state.withLock { state in
      guard !state.isRunning, !state.isStopped else { return }
      let stop = StopSwitch()
      (state.stop, state.isRunning, state.end) = (stop, true, nil)
      state.run = Task { [self] in
        let words: String
        do throws(ToolStartError) {
          let outcome = try await ToolRunner.run(invocation, stop: stop) { [self] line in
            guard line.stream == .stderr, !line.line.text.isEmpty else { return }
            self.state.withLock { $0.last = line.line.text }
          }
          words =
            switch outcome.exit {
            case .code(let code): "exit code \(code)"
            case .signal(let number): "signal \(number)"
            }
        } catch {
          words = error.reason
        }
        self.state.withLock { state in
          state.isRunning = false
          state.end = state.last.isEmpty ? words : "\(words), after it said: \(state.last.prefix(300))"
        }
      }
    }
  }

  /// Interrupts it, and kills it when it does not end.
  func stop() async {
    let (stop, run) = state.withLock { state in
      state.isStopped = true
      return (state.stop, state.run)
    }
    stop.requestStop()
    let killer = Task {
      try? await Task.sleep(for: .seconds(Self.graceSeconds))
      if !Task.isCancelled { stop.force() }
    }
    await run?.value
    killer.cancel()
  }
}
