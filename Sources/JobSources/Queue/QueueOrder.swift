import LocalFiles
import Synchronization

/// What the order of a queue depends on, of the jobs that wait.
///
/// None of it changes once a job is submitted, so it is read once. Which jobs wait is looked at again when a mark in the
/// queue's folder says that somebody else has changed that: with ten thousand jobs in a queue, listing and sorting them
/// for each claim would be most of what a worker does.
final class QueueOrder: Sendable {
  struct Entry: Sendable {
    var id: String
    var submitted: String
    var priority: Int
    var stackKey: String?
  }

  private struct State {
    /// In the order of submission.
    var waiting: [Entry] = []
    var mark: String?
    var listed: Elapsed?
  }

  private let state = Mutex(State())
  /// What is moved by hand, or by an earlier version, leaves no mark, and is seen after so many seconds.
  private static let longest = 5.0

  /// - Parameters:
  ///   - mark: of the last change, by whomever.
  ///   - list: the ids that wait.
  /// - Returns: what waits in the order of submission, and the ids whose records cannot be read.
  func waiting(
    mark: String?,
    list: () throws(FileError) -> [String],
    record: (String) -> QueuedJob?
  ) throws(FileError) -> (entries: [Entry], unreadable: [String]) {
    let (old, isCurrent) = state.withLock { state in
      (
        state.waiting,
        mark != nil && state.mark == mark && (state.listed?.seconds ?? .infinity) < Self.longest
      )
    }
    if isCurrent { return (old, []) }
    let known = Dictionary(old.map { ($0.id, $0) }) { first, _ in first }
    var entries: [Entry] = []
    var unreadable: [String] = []
    for id in try list() {
      if let entry = known[id] {
        entries.append(entry)
      } else if let job = record(id) {
        entries.append(
          Entry(id: id, submitted: job.submitted, priority: job.priority, stackKey: job.stackKey)
        )
      } else {
        unreadable.append(id)
      }
    }
    entries.sort { ($0.submitted, $0.id) < ($1.submitted, $1.id) }
    state.withLock { $0 = State(waiting: entries, mark: mark, listed: Elapsed()) }
    return (entries, unreadable)
  }

  /// We have claimed a job, which is what the new mark stands for.
  func remove(_ id: String, mark: String) {
    state.withLock { state in
      state.waiting.removeAll { $0.id == id }
      state.mark = mark
    }
  }

  /// What is known is not so.
  func forget() { state.withLock { $0.mark = nil } }
}
