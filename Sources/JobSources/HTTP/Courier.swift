import CurlHTTP
import Digests
import LocalFiles
import StackModel
import Synchronization
import ToolProcess

/// Carries one attempt's log, files and report to the endpoint and brings back what is asked of its worker.
///
/// All of it is on disk first, and each step can be done again: nothing depends on a reply that gets lost, and the
/// engine never waits for the network.
final class Courier: Sendable {
  enum End: Sendable {
    case delivered
    /// The claim is another's, or the server does not want what we have.
    case refused(String)
    /// What there is cannot be handed over now; it is kept for the next worker.
    case kept(String)
  }

  /// What a courier tells the source.
  struct Listener: Sendable {
    var control: @Sendable (Wire.Control) -> Void
    var log: @Sendable (String) -> Void
    var ended: @Sendable (Courier, End) -> Void
  }

  let folder: SpoolFolder
  let id: String
  let token: Int
  private let attempt: Int
  private let stack: String?
  private let endpoint: QueueEndpoint
  private let listener: Listener
  private let connection = HTTPConnection()
  private let bell = Bell()
  private let answered = Mutex(LeaseAnswer.kept)
  private let isLeft = Mutex(false)
  private static let pieceSize = 1 << 20
  /// How often the log is looked at, in seconds.
  private static let lookSeconds = 0.05
  /// How long a report is kept going to a server that refuses without a reason.
  private static let refusalSeconds = 3600.0

  init(claim: Claim, folder: SpoolFolder, endpoint: QueueEndpoint, listener: Listener) {
    self.folder = folder
    id = claim.job.id
    token = claim.token
    attempt = claim.job.attempts
    stack = claim.job.stack
    self.endpoint = endpoint
    self.listener = listener
  }

  var answer: LeaseAnswer { answered.withLock { $0 } }

  /// - Parameter first: what the server said when the claim was confirmed; nil for one that is taken over.
  func start(after first: Wire.LeaseReply?) {
    // A job may have been cancelled by the time it was confirmed.
    if let first { listen(first.control) }
    BackgroundThread.start { [self] in
      var trip = Trip(lease: first?.lease, offset: first?.offset)
      while !isLeft.withLock({ $0 }) {
        switch step(&trip) {
        case .goOn, .putOff: continue
        case .look(let seconds): bell.wait(seconds: seconds)
        case .pause(let seconds): bell.sitOut(seconds: seconds) { isLeft.withLock { $0 } }
        case .over(let end):
          if case .refused = end { answered.withLock { $0 = .lost } }
          return listener.ended(self, end)
        }
      }
    }
  }

  /// The report is in the folder.
  func deliver() { bell.ring() }

  /// Ends the courier where it is; what is in the folder is for the next worker.
  func leave() {
    isLeft.withLock { $0 = true }
    bell.ring()
  }

  // MARK: Steps

  /// Where the courier stands.
  private struct Trip {
    var lease: Wire.Lease?
    /// How much of the log the server has; nil when it has to say.
    var offset: Int?
    var renewed = Elapsed()
    /// Of renewals, and of all else.
    var renewals = Backoff(first: 0.1)
    var deliveries = Backoff(first: 0.1)
    /// What was put off is not sent before; the lease is renewed all the same.
    var restsUntil: ContinuousClock.Instant?
    var sent: Set<String> = []
    /// The report may have been taken already, and the claim be over with it: only the report tells.
    var hasReported = false
    var said: String?
    var refusals = UnexplainedRefusals(patience: Courier.refusalSeconds)

    init(lease: Wire.Lease?, offset: Int?) {
      self.lease = lease
      self.offset = offset
    }
  }

  private enum Step {
    case goOn
    /// Not before `restsUntil`.
    case putOff
    /// Or less, when there is something new.
    case look(Double)
    /// And no less.
    case pause(Double)
    case over(End)
  }

  private func step(_ trip: inout Trip) -> Step {
    // Looked at first: what the log has when the report is there is all of it.
    let report = folder.readReport()
    let rest = trip.restsUntil.map { ContinuousClock.now.duration(to: $0) / .seconds(1) } ?? 0
    if let report, trip.hasReported {
      if rest > 0 { return .pause(rest) }
      return finish(report, log: folder.job.attempt(attempt).events, &trip)
    }
    guard let offset = trip.offset, let lease = trip.lease, trip.renewed.seconds < lease.renewSeconds else {
      return renew(&trip)
    }
    let untilRenewal = max(0.01, lease.renewSeconds - trip.renewed.seconds)
    if rest > 0 { return .pause(min(rest, untilRenewal)) }
    let path = folder.job.attempt(attempt).events
    let piece = (try? LocalFiles.read(path, from: offset, atMost: Self.pieceSize)) ?? []
    if !piece.isEmpty { return send(piece, at: offset, &trip) }
    guard let report else {
      return .look(min(Self.lookSeconds, untilRenewal))
    }
    return finish(report, log: path, &trip)
  }

  private var headers: [String] { ["\(Wire.tokenHeader): \(token)"] }

  private func renew(_ trip: inout Trip) -> Step {
    let body = Wire.LeaseRequest(attempt: attempt, started: true, stack: stack)
    let answer = endpoint.ask(
      QueueEndpoint.Request("POST", "/jobs/\(id)/lease", headers: headers, body),
      on: connection
    )
    let step = take(answer, &trip, \.renewals)
    guard case .putOff = step, let until = trip.restsUntil else { return step }
    return .pause(ContinuousClock.now.duration(to: until) / .seconds(1))
  }

  private func send(_ piece: [UInt8], at offset: Int, _ trip: inout Trip) -> Step {
    let answer = endpoint.ask(
      QueueEndpoint.Request(
        "PUT",
        "/jobs/\(id)/attempts/\(attempt)/events?offset=\(offset)",
        headers: headers + ["content-type: application/x-ndjson"],
        body: piece
      ),
      on: connection
    )
    let step = take(answer, &trip, \.deliveries)
    // A server that takes nothing of a piece, time and again, is not asked without pause.
    if case .goOn = step, let now = trip.offset, now <= offset {
      return again(&trip, "the server asks for the log from byte \(now)", nil)
    }
    return step
  }

  /// Takes in what a renewal or a piece of the log was answered with.
  private func take(
    _ answer: QueueEndpoint.Answer,
    _ trip: inout Trip,
    _ backoff: WritableKeyPath<Trip, Backoff>
  ) -> Step {
    if let reply = answer.document(Wire.LeaseReply.self) {
      trip.lease = reply.lease
      trip.offset = reply.offset
      trip.renewed = Elapsed()
      trip[keyPath: backoff].succeeded()
      _ = trip.refusals.persist(with: answer)
      if let said = trip.said { listener.log("\(id): the server answers again, after: \(said)") }
      trip.said = nil
      listen(reply.control)
      return .goOn
    }
    switch answer {
    case .refused(416, let problem) where problem.offset != nil:
      trip.offset = problem.offset
      return .goOn
    case .refused(let status, let problem): return .over(.refused("\(problem.error) (\(status))"))
    case .done, .denied, .later: return again(&trip, answer.words, answer.seconds, backoff)
    case .unexplained: return unexplained(&trip, answer, backoff)
    }
  }

  /// While the job runs its log is on disk, and there is no hurry.
  private func unexplained(
    _ trip: inout Trip,
    _ answer: QueueEndpoint.Answer,
    _ backoff: WritableKeyPath<Trip, Backoff> = \.deliveries
  ) -> Step {
    if trip.refusals.persist(with: answer), folder.readReport() != nil {
      return .over(.kept("for an hour the server has answered \(answer.words)"))
    }
    return again(&trip, answer.words, nil, backoff)
  }

  private func again(
    _ trip: inout Trip,
    _ words: String,
    _ atLeast: Double?,
    _ backoff: WritableKeyPath<Trip, Backoff> = \.deliveries
  ) -> Step {
    if trip.said == nil { listener.log("\(id): \(words); it is tried again") }
    trip.said = words
    trip.restsUntil = .now + .seconds(trip[keyPath: backoff].next(atLeast: atLeast))
    return .putOff
  }

  private func listen(_ control: Wire.Control) {
    if let by = control.cancelBy {
      answered.withLock { if $0 == .kept { $0 = .cancel(by: by) } }
    }
    listener.control(control)
  }

  // MARK: The end

  private func finish(_ ending: Wire.Report.Ending, log: String, _ trip: inout Trip) -> Step {
    var withPlan = false
    if case .settled(.awaitingApproval) = ending { withPlan = true }
    for file in folder.artefacts(attempt: attempt, withPlan: withPlan) where !trip.sent.contains(file.name) {
      if let step = upload(file.name, file.path, &trip) { return step }
      trip.sent.insert(file.name)
    }
    let size = LocalFiles.size(of: log) ?? 0
    let digest = (try? SHA256.digest(ofFile: log)) ?? SHA256.digest(of: [])
    trip.hasReported = true
    let report = Wire.Report(attempt: attempt, ending: ending, logSize: size, logDigest: digest)
    let answer = endpoint.ask(
      QueueEndpoint.Request("PUT", "/jobs/\(id)/result", headers: headers, report),
      on: connection
    )
    switch answer {
    case .done where answer.document(QueuedJob.self)?.id == id: return .over(.delivered)
    case .refused(412, let problem):
      trip.offset = problem.offset ?? 0
      trip.hasReported = false
      // Without a pause only once.
      return again(&trip, problem.error, nil)
    case .refused(let status, let problem): return .over(.refused("\(problem.error) (\(status))"))
    case .later(let words, let seconds): return again(&trip, words, seconds)
    case .done, .denied: return again(&trip, answer.words, nil)
    case .unexplained: return unexplained(&trip, answer)
    }
  }

  /// - Returns: nil when the server has the file, or does not want it.
  private func upload(_ name: String, _ path: String, _ trip: inout Trip) -> Step? {
    guard Wire.Artefact.isLegal(name), let digest = try? SHA256.digest(ofFile: path) else { return nil }
    let target = "/jobs/\(id)/artefacts/\(name)"
    let answer = endpoint.send(path, to: target, headers: headers, digest: digest, on: connection)
    switch answer {
    case .done where answer.document(Wire.Artefact.self)?.sha256 == digest: return nil
    case .refused(413, let problem), .refused(422, let problem):
      listener.log("\(id): \(name) is not kept: \(problem.error)")
      return nil
    case .refused(412, let problem): return again(&trip, problem.error, nil)
    case .refused(let status, let problem): return .over(.refused("\(problem.error) (\(status))"))
    case .later(let words, let seconds): return again(&trip, words, seconds)
    case .done, .denied: return again(&trip, answer.words, nil)
    case .unexplained: return unexplained(&trip, answer)
    }
  }
}
