package import LocalFiles
package import StackModel

/// A change of a job's status that somebody is still to be told of.
package struct OwedCallback: Sendable {
  package var job: String
  /// Counts the changes of the job, from 1.
  package var number: Int
  package var url: String
  /// The job's record as it was then.
  package var record: JSONValue
  package var time: String

  /// Names the change, the same for each try.
  package var delivery: String { "\(job).\(number)" }

  package var body: JSONValue {
    [
      "kind": "StackJobCallback", "delivery": .string(delivery), "time": .string(time), "job": record,
    ]
  }
}

/// What is owed stands in a file before the change is made, and is removed once it was told: a worker that is killed in
/// between leaves it to the next one.
extension QueueDirectory {
  /// Under the guard, before the record is written.
  func owe(_ job: inout QueuedJob) throws(FileError) {
    guard let url = job.callback, job.status == .awaitingApproval || job.status == .completed else { return }
    job.changes += 1
    let owed: JSONValue = ["url": .string(url), "time": .string(clock().description), "job": job.json]
    // A queue that was made by an earlier version has no such folder.
    try LocalFiles.makeFolder(layout.callbacks, durably: true)
    try LocalFiles.replace(layout.callback(job.id, job.changes), with: owed.bytes())
  }

  /// In the order of each job's changes.
  package func owedCallbacks() throws(FileError) -> [OwedCallback] {
    guard LocalFiles.isFolder(layout.callbacks) else { return [] }
    var found: [OwedCallback] = []
    for name in try LocalFiles.list(layout.callbacks) where !name.hasSuffix(".tmp") {
      guard let dot = name.lastIndex(of: "."), let number = Int(name[name.index(after: dot)...]) else {
        continue
      }
      if let callback = owedCallback(String(name[..<dot]), number) { found.append(callback) }
    }
    return found.sorted { ($0.job, $0.number) < ($1.job, $1.number) }
  }

  private func owedCallback(_ id: String, _ number: Int) -> OwedCallback? {
    guard let json = LocalFiles.text(layout.callback(id, number)).flatMap({ try? JSONValue(parsing: $0) }),
      let url = json["url"]?.string, let record = json["job"], let time = json["time"]?.string
    else { return nil }
    return OwedCallback(job: id, number: number, url: url, record: record, time: time)
  }

  /// What is to be told; nil when the change was never made: its writer died after it had written what it would owe.
  package func due(_ callback: OwedCallback) throws(FileError) -> OwedCallback? {
    try guarded { () throws(FileError) in
      let isMade = (record(callback.job)?.changes ?? 0) >= callback.number
      return isMade ? owedCallback(callback.job, callback.number) : nil
    }
  }

  package func forget(_ callback: OwedCallback) throws(FileError) {
    try LocalFiles.remove(layout.callback(callback.job, callback.number))
  }

  /// Seconds since the change.
  package func age(of callback: OwedCallback) -> Int? {
    LocalFiles.secondsSinceChange(of: layout.callback(callback.job, callback.number))
  }

  /// Writes down that nobody will be told.
  package func noteUntold(_ callback: OwedCallback, reason: String) throws(FileError) {
    try guarded { () throws(FileError) in
      note(
        callback.job,
        "callback-dropped",
        by: "stackjob",
        ["delivery": .string(callback.delivery), "reason": .string(reason)]
      )
    }
  }

  /// Runs the body unless another worker is at it.
  package func whileSending(_ body: () -> Void) throws(FileError) {
    try LocalFiles.exclusivelyIfFree(under: layout.callbackGuard, body)
  }
}
