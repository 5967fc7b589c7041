import JobSources
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Stops an attempt, or a phase of it, that takes too long.
///
/// The supervisor keeps them, for the worker may be gone by then. The stop is the one that a worker sends: the engine
/// finishes what is in flight and saves its state.
final class TimeLimits: Sendable {
  private struct State {
    var phases: [String: Int] = [:]
    var exceeded: String?
    var running: [String: Task<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  /// What took too long; nil when nothing did.
  var exceeded: String? { state.withLock { $0.exceeded } }

  func start(_ job: StackJob) {
    state.withLock { state in
      state.phases = job.phaseLimits
      if let seconds = job.timeLimit { state.running["job"] = timer(seconds, "the job") }
    }
  }

  func note(_ event: JobEvent) {
    state.withLock { state in
      switch event.body {
      case .phaseStarted(let phase):
        guard let seconds = state.phases[phase.rawValue] else { return }
        state.running[phase.rawValue] = timer(seconds, "the phase \(phase.rawValue)")
      case .phaseFinished(let phase, _, _): state.running.removeValue(forKey: phase.rawValue)?.cancel()
      default: return
      }
    }
  }

  private func timer(_ seconds: Int, _ what: String) -> Task<Void, Never> {
    Task { [self] in
      // Cancelled when the phase ends in time.
      do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
      let text = "\(what) took more than its \(seconds) s"
      state.withLock { $0.exceeded = $0.exceeded ?? text }
      Console.note("\(text) and is stopped\n")
      kill(getpid(), SIGTERM)
    }
  }
}
