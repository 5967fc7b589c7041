import CurlHTTP
import Digests
import StackModel

/// What checks are made of.
extension Conformance {
  typealias Request = QueueEndpoint.Request

  func newID() -> String { "\(prefix)-\(RandomToken.make().prefix(8))" }

  func document(asks: Bool = false, priority: Int = 0) -> String {
    var job = StackJob(operation: .update)
    job.manifest = "a manifest that nobody reads"
    job.isManual = asks
    job.priority = priority
    return job.json.text()
  }

  func submission(_ id: String, stack: String? = nil, asks: Bool = false, priority: Int = 0) -> Request {
    Request(
      "PUT",
      "/jobs/\(id)",
      Wire.Submission(document: document(asks: asks, priority: priority), stack: stack, by: "conformance")
    )
  }

  func submit(_ id: String, stack: String? = nil, asks: Bool = false, priority: Int = 0) throws(Stop) {
    try expect(201, of: submission(id, stack: stack, asks: asks, priority: priority))
  }

  func claimRequest(_ request: String = RandomToken.make(), wait: Int = 0) -> Request {
    let body = Wire.ClaimRequest(request: request, worker: "conformance", place: prefix, wait: wait)
    return Request("POST", "/claims", body, wait: wait)
  }

  /// The next claim; nil when there is nothing to run.
  func claim(_ request: String = RandomToken.make(), wait: Int = 0) throws(Stop) -> Wire.Claim? {
    let reply = try expect(200, 204, of: claimRequest(request, wait: wait))
    if reply.status == 204 { return nil }
    guard let document = reply.document(Wire.ClaimReply.self) else {
      throw .broken("POST /claims: the answer is no claim")
    }
    return document.claim
  }

  /// A claim of a job of ours, which is submitted first.
  func claimed(_ id: String, stack: String? = nil, asks: Bool = false) throws(Stop) -> Wire.Claim {
    try submit(id, stack: stack, asks: asks)
    return try claim(of: id)
  }

  func claim(of id: String) throws(Stop) -> Wire.Claim {
    guard let claim = try claim() else { throw .broken("job \(id) waits, and there is no claim for it") }
    try require(claim.job.id == id, "claimed \(claim.job.id) where only \(id) waits; is the queue in use?")
    return claim
  }

  func header(_ claim: Wire.Claim) -> [String] { ["\(Wire.tokenHeader): \(claim.token)"] }

  func renewal(_ claim: Wire.Claim, stack: String? = nil) -> Request {
    let body = Wire.LeaseRequest(attempt: claim.job.attempts, started: true, stack: stack)
    return Request("POST", "/jobs/\(claim.job.id)/lease", headers: header(claim), body)
  }

  func piece(_ claim: Wire.Claim, at offset: Int, _ text: String) -> Request {
    Request(
      "PUT",
      "/jobs/\(claim.job.id)/attempts/\(claim.job.attempts)/events?offset=\(offset)",
      headers: header(claim),
      body: Array(text.utf8)
    )
  }

  func report(_ claim: Wire.Claim, _ ending: Wire.Report.Ending, log: String = "") -> Request {
    let body = Wire.Report(
      attempt: claim.job.attempts,
      ending: ending,
      logSize: log.utf8.count,
      logDigest: SHA256.digest(of: Array(log.utf8))
    )
    return Request("PUT", "/jobs/\(claim.job.id)/result", headers: header(claim), body)
  }

  static let succeeded = Wire.Report.Ending.settled(
    .completed(.succeeded, exitCode: 0, reason: nil, diagnostics: [])
  )

  func end(_ claim: Wire.Claim) throws(Stop) { try expect(200, of: report(claim, Self.succeeded)) }

  func artefact(_ claim: Wire.Claim, _ name: String, _ text: String, digest: String? = nil) -> Request {
    let digest = digest ?? SHA256.digest(of: Array(text.utf8))
    return Request(
      "PUT",
      "/jobs/\(claim.job.id)/artefacts/\(name)",
      headers: header(claim) + ["\(Wire.digestHeader): \(digest)"],
      body: Array(text.utf8)
    )
  }

  func job(_ id: String) throws(Stop) -> QueuedJob {
    try expect(Wire.JobView.self, of: Request("GET", "/jobs/\(id)")).job
  }

  func ask(_ what: String, _ id: String, digest: String? = nil, reason: String? = nil) -> Request {
    Request("POST", "/jobs/\(id)/\(what)", Wire.Request(by: "conformance", digest: digest, reason: reason))
  }
}
