import Synchronization

/// What the order of a queue depends on, of the jobs that wait.
///
/// None of it changes once a job is submitted, so it is read once: with ten thousand jobs in a queue, reading all their
/// records for each claim would be all that a worker does.
final class QueueOrder: Sendable {
  struct Entry: Sendable {
    var id: String
    var submitted: String
    var priority: Int
    var stackKey: String?
  }

  private let known = Mutex<[String: Entry]>([:])

  /// In the order of submission.
  func sorted(_ ids: [String], record: (String) -> QueuedJob?) -> [Entry] {
    known.withLock { known in
      // What is no longer queued is forgotten, or the memory of a worker would grow with every job.
      if known.count > 2 * ids.count + 100 {
        let waiting = Set(ids)
        known = known.filter { waiting.contains($0.key) }
      }
      var entries: [Entry] = []
      for id in ids {
        if let entry = known[id] {
          entries.append(entry)
        } else if let job = record(id) {
          let entry = Entry(id: id, submitted: job.submitted, priority: job.priority, stackKey: job.stackKey)
          known[id] = entry
          entries.append(entry)
        }
      }
      return entries.sorted { ($0.submitted, $0.id) < ($1.submitted, $1.id) }
    }
  }
}
