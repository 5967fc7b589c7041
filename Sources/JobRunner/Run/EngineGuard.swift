import CSpawn
import Synchronization

/// Keeps an engine alive that has lost us.
///
/// Killed by SIGKILL we leave nobody who reads what the engine says, and it would die of SIGPIPE at its next line,
/// with the state it holds in memory. With a guard it goes on to its end, finds our state server gone, and leaves
/// `errored.tfstate` in its workspace, which the next job takes in.
final class EngineGuard: Sendable {
  private let descriptor = Mutex<Int32?>(nil)

  /// Called once the engine is there. Without a guard, for lack of processes say, the run goes on as it is.
  func watch(_ engine: Int) {
    let guarding = stackjob_guard(pid_t(engine))
    guard guarding >= 0 else { return }
    descriptor.withLock { $0 = guarding }
  }

  func release() {
    let guarding = descriptor.withLock { descriptor in
      defer { descriptor = nil }
      return descriptor
    }
    if let guarding { stackjob_guard_release(guarding) }
  }
}
