import JobSources
import StackModel

typealias Stop = Conformance.Stop

/// One thing that is looked at in what happened.
struct Check: Sendable {
  var group: String
  var name: String
  var judge: @Sendable (Transcript) throws(Stop) -> Void

  init(_ group: String, _ name: String, _ judge: @escaping @Sendable (Transcript) throws(Stop) -> Void) {
    self.group = group
    self.name = name
    self.judge = judge
  }
}

/// Something that is played with a worker, and what is looked at in it.
struct Scene: Sendable {
  var script: @Sendable (Kit) -> Script
  /// Beyond the script's own end.
  var isOver: @Sendable (Transcript) -> Bool = Scene.asksAgain
  /// The worker is meant to end.
  var endsWorker = false
  var checks: [Check]

  static let asksAgain: @Sendable (Transcript) -> Bool = { transcript in
    let over = transcript.jobs.compactMap(\.over).max() ?? 0
    return transcript.calls(.claim).contains { $0.arrived > over } && isHeard(transcript)
  }

  /// Whether the last report of each job was answered.
  static func isHeard(_ transcript: Transcript) -> Bool {
    transcript.jobs.allSatisfy { transcript.calls(.result, of: $0.id).last?.isHeard ?? true }
  }
}

/// Makes jobs.
struct Kit: Sendable {
  /// Begins the ids of all jobs of this run.
  var prefix: String
  /// What is given out in place of our own document.
  var template: StackJob?

  private static func manifest(_ name: String) -> String {
    """
    apiVersion: kubernetes.project-planton.org/v1
    kind: MicroserviceKubernetes
    metadata:
      name: \(name)
    spec:
      container:
        app:
          image:
            repo: registry.example.com/check
            tag: "1"

    """
  }

  func job(_ name: String, _ operation: Operation = .preview, asks: Bool = false, cancelBy: String? = nil)
    -> PlayedJob
  {
    let id = "\(prefix)-\(name)"
    var document = template ?? StackJob(operation: operation)
    if template == nil {
      document.isSandbox = true
      document.manifest = Self.manifest("check-\(name)")
    }
    document.id = id
    document.operation = operation
    document.pauseBetweenPreviewAndUpdate = asks
    document.isManual = false
    document.callback = nil
    var job = PlayedJob(id: id, operation: operation.rawValue, document: document.json.text())
    job.asks = asks
    job.step = asks ? .plan : .whole
    job.cancelBy = cancelBy
    return job
  }

  /// One that nobody can read.
  func unreadable(_ name: String) -> PlayedJob {
    PlayedJob(id: "\(prefix)-\(name)", operation: "", document: "operation: [")
  }
}

// MARK: What checks are made of

func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(Stop) {
  if !holds { throw .broken(otherwise()) }
}

extension Double {
  /// With two digits after the point.
  var short: String {
    let hundredths = Int((self * 100).rounded())
    let rest = abs(hundredths % 100)
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension Transcript {
  /// A job that the worker has taken.
  func job(_ number: Int = 0) throws(Stop) -> PlayedJob {
    let job = jobs[number]
    guard job.attempts > 0 else { throw .broken("expected a request for a job, saw none" + because) }
    return job
  }

  /// One whose report has come.
  func ended(_ number: Int = 0) throws(Stop) -> (job: PlayedJob, report: JSONValue) {
    let job = try job(number)
    guard let last = job.reports.last else {
      throw .broken("expected a report of job \(job.id), saw \(seen(job))" + because)
    }
    return (job, last.body)
  }

  var because: String { cutShort.map { "; \($0)" } ?? "" }

  private func seen(_ job: PlayedJob) -> String {
    let own = calls(of: job)
    guard let last = own.last else { return "no request for it" }
    return
      "\(own.count) requests for it, the last \(last.words), answered \(last.status.map(String.init) ?? "not yet")"
  }

  /// Whether the log is, byte for byte, what the report says it is.
  func requireWhole(_ number: Int = 0) throws(Stop) {
    let (job, _) = try ended(number)
    for report in job.reports {
      let size = report.body["events"]?["size"]?.int
      try require(
        size == report.log.count,
        "expected `events.size` \(report.log.count), which came, saw \(size.map(String.init) ?? "none")"
      )
      let wanted = Digest.of(report.log)
      let digest = report.body["events"]?["sha256"]?.string
      try require(
        digest == wanted,
        "expected `events.sha256` \(wanted.prefix(12))... of what came, saw \(digest.map { "\($0.prefix(12))..." } ?? "none")"
      )
    }
    if let place = job.altered {
      throw .broken("expected the same bytes when they came again, saw others at byte \(place)")
    }
  }

  /// The piece that follows one whose answer has told where to go on.
  func requirePiece(from told: Int, after piece: Call, in pieces: [Call]) throws(Stop) {
    let next = pieces.first { $0.arrived > piece.arrived }
    try require(
      next?.offset == told,
      "expected a piece from byte \(told), saw \(next?.words ?? "none")" + (next == nil ? because : "")
    )
  }

  /// The worker is free again, and says so.
  func requireClaim(after moment: Double) throws(Stop) {
    try require(
      calls(.claim).contains { $0.arrived > moment },
      "expected the next POST /v1/claims, saw none" + because
    )
  }

  /// The pauses between an answer and the next request, in seconds.
  func pauses(_ calls: [Call]) -> [Double] {
    zip(calls, calls.dropFirst()).map { $1.arrived - ($0.answered ?? $0.arrived) }
  }

  /// Pauses that grow: twice as long each time, and half of that by chance.
  func requireGrowth(_ calls: [Call], _ count: Int) throws(Stop) {
    let seen = pauses(calls).prefix(count)
    let least = (0..<count).map { 0.05 * Double(1 << $0) }
    let words =
      "expected pauses of at least \(least.map(\.short).joined(separator: ", ")) s, saw \(seen.map(\.short).joined(separator: ", "))"
    try require(seen.count == count, words + because)
    try require(zip(seen, least).allSatisfy { $0 >= $1 - Timing.slack }, words)
  }

  /// The next request of the kind after one that was put off.
  func requirePause(after call: Call, in calls: [Call], _ seconds: Double) throws(Stop) {
    guard let next = calls.first(where: { $0.arrived > call.arrived }) else {
      throw .broken("expected \(call.words) again after \(call.status ?? 0), saw nothing" + because)
    }
    let pause = next.arrived - (call.answered ?? call.arrived)
    try require(
      pause >= seconds - Timing.slack,
      "expected \(call.words) not before \(seconds.short) s after \(call.status ?? 0), saw it after \(pause.short) s"
    )
  }
}

enum Timing {
  /// By how much two clocks may disagree on a pause, in seconds.
  static let slack = 0.03
}
