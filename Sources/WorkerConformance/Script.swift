import JobSources
import StackModel

/// What the server does in a scene.
struct Script: Sendable {
  /// Given out one after another.
  var jobs: [PlayedJob] = []
  var twists: [Twist] = []
  /// Said in every answer since a job has begun.
  var drains = false
  var lease = Wire.Lease(seconds: 30, renewSeconds: 0.5)
}

/// Something that the server does otherwise than usual.
struct Twist: Sendable {
  enum What: Sendable {
    /// Carried out, and no answer.
    case cut
    /// Carried out, and an answer without its end.
    case half
    /// Carried out, and answered by a proxy's page with status 200.
    case page
    /// Not carried out.
    case status(Int, after: Double? = nil)
    /// 204 at once.
    case nothing(after: Double? = nil)
    /// No job, and something to say.
    case say(Wire.Control)
    /// A request for a job is answered so many seconds later, or as late as the worker would wait.
    case hold(Double)
    /// Of the piece the last half is forgotten again.
    case rewind
    /// The last half of the log is forgotten, and the piece refused.
    case gap
    /// The whole log is forgotten, and the report refused.
    case forget
    /// A file with a wrong byte.
    case damage
  }

  var step: Call.Step
  /// So many of the requests go by first.
  var skips = 0
  /// For so many requests.
  var times = 1
  var what: What

  init(_ step: Call.Step, _ what: What, skips: Int = 0, times: Int = 1) {
    self.step = step
    self.what = what
    self.skips = skips
    self.times = times
    self.what = what
  }

  var isUsedUp: Bool { times == 0 }
}

/// A job of a scene, and what the server has of it.
struct PlayedJob: Sendable {
  let id: String
  let document: String
  var operation: String
  /// Somebody approves its plan.
  var asks = false
  var cancelBy: String?

  var step = QueuedJob.Step.whole
  var attempts = 0
  var token = 0
  /// The name of the request that it was given to.
  var request: String?
  var isConfirmed = false
  var log: [UInt8] = []
  /// Everything that was ever at a place of the log.
  var history: [UInt8] = []
  /// The first byte that came again as another.
  var altered: Int?
  var artefacts: [String: [UInt8]] = [:]
  var report: JSONValue?
  /// The log as it was when the report came, and the report; of the attempts before as well.
  var reports: [(attempt: Int, body: JSONValue, log: [UInt8])] = []
  var decision: JSONValue?
  /// When its plan began to wait.
  var waitsSince: Double?
  /// When the worker was told that nothing more is wanted of it.
  var over: Double?

  init(id: String, operation: String, document: String) {
    self.id = id
    self.operation = operation
    self.document = document
  }

  var record: QueuedJob {
    var record = QueuedJob(id: id, operation: operation, submitted: WireTime.submitted)
    record.status = over != nil ? .completed : waitsSince != nil ? .awaitingApproval : .running
    record.step = step
    record.attempts = attempts
    record.isSandbox = true
    record.cancelRequestedBy = cancelBy
    return record
  }

  /// Takes a piece of the log in.
  mutating func append(_ piece: [UInt8], at offset: Int) {
    for (index, byte) in piece.enumerated() {
      let place = offset + index
      if place < history.count {
        if history[place] != byte, altered == nil { altered = place }
        history[place] = byte
      } else {
        history.append(byte)
      }
    }
    let rest = offset + piece.count < log.count ? log[(offset + piece.count)...] : []
    log = log[..<offset] + piece + rest
  }
}

enum WireTime {
  /// When a job was submitted is told to people, and checked by nobody.
  static let submitted = "2026-01-01T00:00:00.000Z"
}
