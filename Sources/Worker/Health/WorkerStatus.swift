import JobRunner
package import JobSources
package import ProviderHost
import StackModel
import Synchronization
import ToolProcess
package import Traces

/// What a worker has done and is doing, for whoever asks.
package final class WorkerStatus: Sendable {
  package struct Numbers: Sendable {
    package var running = 0
    package var claimed = 0
    package var adopted = 0
    package var leasesLost = 0
    /// Ended jobs by their result.
    package var results: [String: Int] = [:]
    /// Attempts that did not end their job, by what follows.
    package var unfinished: [String: Int] = [:]
    /// Seconds by phase, and how many phases they are of.
    package var phases: [String: (seconds: Double, count: Int)] = [:]
    package var queued = 0
    /// How long the oldest job that waits has waited.
    package var queueAge = 0.0
    package var isDraining = false
    /// Spans of traces that the collector has, and those that it will never have.
    package var spans = TraceExporter.Counts()
    package var callbacks = CallbackSender.Counts()
    package var spares = SparePool.Numbers()

    package init() {}
  }

  private struct State {
    var numbers = Numbers()
    var looked = Stopwatch()
  }

  private let state = Mutex(State())
  /// A worker that has not looked for work for so long hangs.
  package static let patience = 60.0

  private let spans: @Sendable () -> TraceExporter.Counts
  private let callbacks: @Sendable () -> CallbackSender.Counts

  /// - Parameters:
  ///   - spans: how many spans of traces have been sent and dropped by now.
  ///   - callbacks: how many changes of jobs somebody was told of.
  package init(
    spans: @escaping @Sendable () -> TraceExporter.Counts = { TraceExporter.Counts() },
    callbacks: @escaping @Sendable () -> CallbackSender.Counts = { CallbackSender.Counts() }
  ) {
    self.spans = spans
    self.callbacks = callbacks
  }

  package var numbers: Numbers {
    var numbers = state.withLock { $0.numbers }
    numbers.spans = spans()
    numbers.callbacks = callbacks()
    return numbers
  }
  package var isAlive: Bool { state.withLock { $0.looked.seconds < Self.patience } }
  package var isReady: Bool { state.withLock { $0.looked.seconds < Self.patience && !$0.numbers.isDraining } }

  package func update(_ change: (inout Numbers) -> Void) { state.withLock { change(&$0.numbers) } }

  func tick() { state.withLock { $0.looked = Stopwatch() } }

  func ended(_ settlement: Settlement, _ phases: [(phase: String, seconds: Double)]) {
    update { numbers in
      switch settlement {
      case .completed(let result, _, _, _): numbers.results[result.rawValue, default: 0] += 1
      case .awaitingApproval: numbers.unfinished["awaiting_approval", default: 0] += 1
      case .retry: numbers.unfinished["retry", default: 0] += 1
      case .wait: numbers.unfinished["wait", default: 0] += 1
      case .inspect: numbers.unfinished["inspect", default: 0] += 1
      }
      for (phase, seconds) in phases {
        let before = numbers.phases[phase] ?? (0, 0)
        numbers.phases[phase] = (before.seconds + seconds, before.count + 1)
      }
    }
  }
}
