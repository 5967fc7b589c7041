import JobRunner
import Synchronization
import ToolProcess
import UnixSignals

/// Turns the user's signals into what they mean for the running job.
///
/// Ctrl-C, a polite kill and a closed terminal all ask for the same: stop, and keep the state.
final class Interrupts: Sendable {
  private let stop: StopSwitch
  private let watch = Stopwatch()
  private let state = Mutex(Interrupter())
  private let listener = Mutex<(@Sendable (Interrupter.Action) -> Void)?>(nil)

  init(stop: StopSwitch) { self.stop = stop }

  /// What is told of each request, beyond what it does.
  func notify(_ body: @escaping @Sendable (Interrupter.Action) -> Void) {
    listener.withLock { $0 = body }
  }

  /// Listens until the process ends.
  func start() {
    Task {
      for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
        self.request()
      }
    }
  }

  private func request() {
    let action = state.withLock { $0.request(at: watch.seconds) }
    // Told before it is done: a forced engine's last lines come after the reason for them.
    listener.withLock { $0 }?(action)
    switch action {
    case .stop: stop.requestStop()
    case .warn: break
    case .force: stop.force()
    }
  }
}
