import CurlHTTP
import Digests
import LocalFiles
import StackModel
import Synchronization
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Asks an endpoint for one job at a time, whenever the worker has room for one.
final class ClaimPoller: Sendable {
  private struct State {
    var isWanted = false
    var isStopped = false
    /// The request on its way, which the server knows by this name.
    var request: String?
    /// A claim has come and is not with the source yet.
    var isTaking = false
  }

  private let endpoint: QueueEndpoint
  private let wait: Int
  private let state = Mutex(State())
  private let bell = Bell()
  private let connection = HTTPConnection()
  /// How long something is asked for that is refused without a reason.
  private static let refusalSeconds = 600.0
  /// How long a worker that is to pause waits until it asks whether the pause is over.
  private static let pausedSeconds = 5.0

  init(endpoint: QueueEndpoint, wait: Int) {
    self.endpoint = endpoint
    self.wait = wait
  }

  var isTaking: Bool { state.withLock { $0.isTaking } }
  private var isStopped: Bool { state.withLock { $0.isStopped } }

  func start(for source: HTTPJobSource) { BackgroundThread.start { [self] in run(source) } }

  /// There is room for a job.
  func ask() {
    let isNew = state.withLock { state in
      defer { state.isWanted = true }
      return !state.isWanted
    }
    if isNew { bell.ring() }
  }

  /// Asks for nothing more, and has the server forget the request on its way.
  func stop() {
    let request = state.withLock { state in
      state.isStopped = true
      return state.request
    }
    bell.ring()
    guard let request else { return }
    // If this fails, an unbegun claim goes back to the queue when its lease has run out.
    _ = endpoint.ask(QueueEndpoint.Request("DELETE", "/claims/\(request)"))
  }

  private func run(_ source: HTTPJobSource) {
    var backoff = Backoff()
    var said: String?
    while !isStopped {
      guard state.withLock({ $0.isWanted }) else {
        bell.wait(seconds: 1)
        continue
      }
      let request = state.withLock { state in
        let request = state.request ?? RandomToken.make()
        state.request = request
        return request
      }
      let body = Wire.ClaimRequest(
        request: request,
        worker: "\(ProcessIdentity.current().pid)",
        place: ProcessIdentity.current().place,
        wait: wait
      )
      let answer = endpoint.ask(QueueEndpoint.Request("POST", "/claims", body, wait: wait), on: connection)
      var pause: Double?
      if case .done(let reply) = answer, reply.status == 204 {
        pause = reply.headers["retry-after"].flatMap { Double($0) } ?? 0
        state.withLock { ($0.request, $0.isWanted) = (nil, false) }
      } else if let reply = answer.document(Wire.ClaimReply.self) {
        source.listen(reply.control)
        if let claim = reply.claim {
          state.withLock { $0.isTaking = true }
          let isTaken = take(claim, source)
          state.withLock { ($0.request, $0.isTaking, $0.isWanted) = (nil, false, false) }
          if isTaken { source.wake() }
        } else {
          // Nobody but the server knows when a pause is over.
          pause = reply.control.pause ? Self.pausedSeconds : 1
          state.withLock { ($0.request, $0.isWanted) = (nil, false) }
        }
      }
      if pause != nil || answer.document(Wire.ClaimReply.self) != nil {
        if let said { source.note("the server answers again, after: \(said)") }
        said = nil
        backoff.succeeded()
        if let pause { sitOut(min(pause, 3600)) }
        continue
      }
      // The same request again: if it was the reply that got lost, the same claim comes again.
      if said == nil { source.note("cannot claim: \(answer.words); it is tried again") }
      said = answer.words
      if case .refused = answer { state.withLock { $0.request = nil } }
      sitOut(backoff.next(atLeast: answer.seconds))
    }
  }

  /// Whatever is wished meanwhile.
  private func sitOut(_ seconds: Double) { bell.sitOut(seconds: seconds) { isStopped } }

  // MARK: From a claim to a job

  private func take(_ wire: Wire.Claim, _ source: HTTPJobSource) -> Bool {
    var wire = wire
    do throws(FileError) {
      let made = try source.spool.add(wire) { artefact, path throws(FileError) in
        try fetch(artefact, of: wire, to: path, source)
      }
      guard let folder = made else { return false }
      let stack: StackID
      switch describe(wire, folder, source) {
      case .success(let found): stack = found
      case .failure(let failure): return try refuse(wire, folder, failure, source)
      }
      wire.job.stack = stack.description
      try LocalFiles.replace(folder.job.record, with: wire.job.json.bytes(.pretty), durably: false)
      guard let reply = confirm(wire, folder, source) else { return false }
      let claim = Claim(job: wire.job, token: wire.token, folder: folder.path, isAdopted: false)
      source.follow(claim, folder, after: reply)
      source.state.withLock { $0.claims.append(claim) }
      return true
    } catch {
      // The server gives it to another when the lease has run out.
      source.note("\(wire.job.id): \(error)")
      sitOut(1)
      return false
    }
  }

  private func describe(
    _ wire: Wire.Claim,
    _ folder: SpoolFolder,
    _ source: HTTPJobSource
  ) -> Result<StackID, DiagnosticFailure> {
    StackJob.read(Array(wire.document.utf8), file: folder.job.document).flatMap { job in
      source.describe(job, job.manifestFile ?? folder.job.manifest)
    }
  }

  /// Ends a job that cannot be run, with what is wrong with it.
  private func refuse(
    _ wire: Wire.Claim,
    _ folder: SpoolFolder,
    _ failure: DiagnosticFailure,
    _ source: HTTPJobSource
  ) throws(FileError) -> Bool {
    let claim = Claim(job: wire.job, token: wire.token, folder: folder.path, isAdopted: false)
    try folder.write(
      .settled(
        .completed(
          .failed,
          exitCode: Int(ExitCode.badData.rawValue),
          reason: failure.diagnostics.first { $0.severity == .error }?.message,
          diagnostics: failure.diagnostics.map(\.json)
        )
      )
    )
    source.note("\(wire.job.id): failed: its document or manifest is bad")
    source.follow(
      claim,
      folder,
      after: Wire.LeaseReply(lease: wire.lease, offset: 0, control: Wire.Control())
    )
    return true
  }

  /// Says that the job is about to be started. Only an answer tells whether it is ours: without one we ask on, for the
  /// server may count on us already.
  private func confirm(
    _ wire: Wire.Claim,
    _ folder: SpoolFolder,
    _ source: HTTPJobSource
  ) -> Wire.LeaseReply? {
    var backoff = Backoff(first: 0.1)
    var refusals = UnexplainedRefusals(patience: Self.refusalSeconds)
    let body = Wire.LeaseRequest(attempt: wire.job.attempts, started: true, stack: wire.job.stack)
    while !isStopped {
      let answer = endpoint.ask(
        QueueEndpoint.Request(
          "POST",
          "/jobs/\(wire.job.id)/lease",
          headers: ["\(Wire.tokenHeader): \(wire.token)"],
          body
        ),
        on: connection
      )
      if let reply = answer.document(Wire.LeaseReply.self) { return reply }
      switch answer {
      case .refused(let status, let problem):
        source.note("\(wire.job.id): not started: \(problem.error) (\(status))")
        try? LocalFiles.removeTree(folder.path)
        return nil
      case .unexplained where refusals.persist(with: answer):
        source.note(
          "\(wire.job.id): it is not known whether it is ours; the next worker asks again: \(answer.words)"
        )
        return nil
      case .done, .denied, .later, .unexplained: break
      }
      sitOut(backoff.next(atLeast: answer.seconds))
    }
    // Whether it counts as ours nobody knows: with the folder the next worker gives it back.
    return nil
  }

  /// A file of an approved plan, as it was when it was sent; false when it cannot be had.
  private func fetch(
    _ artefact: Wire.Artefact,
    of wire: Wire.Claim,
    to path: String,
    _ source: HTTPJobSource
  ) throws(FileError) -> Bool {
    var backoff = Backoff(first: 0.1)
    var refusals = UnexplainedRefusals(patience: Self.refusalSeconds)
    let watch = Elapsed()
    while !isStopped {
      let (answer, isThere) = try endpoint.fetch(artefact, of: wire.job.id, to: path, on: connection)
      if isThere { return true }
      if case .refused(let status, let problem) = answer {
        source.note("\(wire.job.id): \(artefact.name): \(problem.error) (\(status))")
        return false
      }
      if refusals.persist(with: answer) {
        source.note("\(wire.job.id): \(artefact.name) cannot be had: \(answer.words)")
        return false
      }
      if case .done = answer, watch.seconds > Self.refusalSeconds {
        source.note(
          "\(wire.job.id): \(artefact.name) comes with other bytes than the claim says, time and again"
        )
        return false
      }
      sitOut(backoff.next(atLeast: answer.seconds))
    }
    return false
  }
}
