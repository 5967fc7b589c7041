import LocalFiles
import StackModel
import ToolProcess

/// Who runs a job, and until when that holds without being said again.
struct Lease: Sendable {
  var worker: ProcessIdentity
  var token: Int
  /// Milliseconds since 1970.
  var until: Int64

  static func read(_ path: String) -> Lease? {
    guard let json = LocalFiles.text(path).flatMap({ try? JSONValue(parsing: $0) }),
      let worker = ProcessIdentity(json: json["worker"]), let token = json["token"]?.int,
      let until = json["until"]?.int
    else { return nil }
    return Lease(worker: worker, token: token, until: Int64(until))
  }

  func write(_ path: String) throws(FileError) {
    let json: JSONValue = ["worker": worker.json, "token": .int(token), "until": .int(Int(until))]
    try LocalFiles.replace(path, with: json.bytes(.pretty), durably: false)
  }

  /// Whether another worker of the same machine may take the job over. Of a worker elsewhere, and of the
  /// supervisor that it started, nothing can be proved from here.
  func isOver(for other: ProcessIdentity, at now: Timestamp) -> Bool {
    guard worker.place == other.place else { return false }
    return !worker.mayBeAlive || until < now.milliseconds
  }
}
