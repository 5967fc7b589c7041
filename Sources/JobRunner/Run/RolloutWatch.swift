import StackModel
import Synchronization

/// Tells how a roll-out comes along while the engine waits for it: the provider says no more than that it still waits.
final class RolloutWatch: Sendable {
  private static let interval = Duration.seconds(3)

  private let journal: Journal
  private let hasEnded = Mutex(false)
  private let task = Mutex<Task<Void, any Error>?>(nil)

  init(journal: Journal) { self.journal = journal }

  func start(_ progress: @escaping @Sendable () async -> RolloutProgress?) {
    let work = Task { [weak self] in
      var last: RolloutProgress?
      while true {
        try await Task.sleep(for: Self.interval)
        guard let now = await progress(), now != last else { continue }
        last = now
        self?.tell(now)
      }
    }
    task.withLock { $0 = work }
  }

  /// An answer that comes after the phase is over is told no more.
  private func tell(_ progress: RolloutProgress) {
    hasEnded.withLock { hasEnded in
      if !hasEnded { journal.append(.rolloutProgress(progress)) }
    }
  }

  /// Does not wait for an answer that is still to come.
  func end() {
    hasEnded.withLock { $0 = true }
    task.withLock { $0?.cancel() }
  }
}
