import CurlHTTP
package import LocalFiles
import StackModel
import Synchronization
import ToolProcess

/// Jobs of an endpoint, as `docs/protocol.md` describes it.
///
/// Nothing here waits for the network but ``isDrained()``: a poller asks for jobs, and a courier for each job carries
/// what it leaves.
package final class HTTPJobSource: JobSource {
  struct State {
    /// Claimed, and not handed out yet.
    var claims: [Claim] = []
    var couriers: [String: Courier] = [:]
    var lines: [String] = []
    var queue = Wire.QueueState(queued: 0, running: 0, oldest: 0)
    var isAskingForQueue = false
    var isPaused = false
    var isDraining = false
    var failure: QueueClient.Failure?
    var refusals = UnexplainedRefusals(patience: 60)
    /// Since when the first of the claims has found no room.
    var crowded: Elapsed?
    /// Nothing is asked for until then.
    var pausesUntil: ContinuousClock.Instant?
  }

  let endpoint: QueueEndpoint
  let spool: Spool
  let describe: QueueDirectory.Describe
  /// Something has come about that the worker should look at.
  let wake: @Sendable () -> Void
  /// The server wants the worker to end.
  let onDrain: @Sendable () -> Void
  /// Gets each job that ends by what this worker reports.
  let onEnd: @Sendable (QueuedJob) -> Void
  let state = Mutex(State())
  let poller: ClaimPoller
  /// How long a job waits here for memory before it is given back, and how long nothing is asked for then.
  private let crowdedSeconds: Double

  /// - Parameters:
  ///   - spool: a folder for what is on its way; the same for all workers of an endpoint on this machine.
  ///   - wait: seconds that the server may hold a request for a job.
  package init(
    endpoint: QueueEndpoint,
    spool: String,
    wait: Int,
    crowdedSeconds: Double = 10,
    describe: @escaping QueueDirectory.Describe,
    wake: @escaping @Sendable () -> Void,
    drain: @escaping @Sendable () -> Void,
    onEnd: @escaping @Sendable (QueuedJob) -> Void = { _ in }
  ) {
    self.endpoint = endpoint
    self.spool = Spool(root: spool)
    self.describe = describe
    self.crowdedSeconds = crowdedSeconds
    self.wake = wake
    onDrain = drain
    self.onEnd = onEnd
    poller = ClaimPoller(endpoint: endpoint, wait: wait)
  }

  package func open() throws(FileError) {
    try spool.open()
    poller.start(for: self)
  }

  // MARK: JobSource

  package func claim(_ fits: (String?) -> Bool) throws(FileError) -> Claim? {
    var isTooLarge = false
    let (claim, mayAsk) = state.withLock { state -> (Claim?, Bool) in
      // What is adopted runs already, and is no affair of this.
      guard let index = state.claims.firstIndex(where: { !$0.isAdopted }) else {
        let pauses = state.pausesUntil.map { $0 > .now } ?? false
        // With no job under way only the answer to a request can say that a pause is over.
        let isPaused = state.isPaused && !state.couriers.isEmpty
        return (nil, !isPaused && !state.isDraining && !pauses)
      }
      if fits(state.claims[index].job.stack) {
        state.crowded = nil
        return (state.claims.remove(at: index), false)
      }
      // It waits a little for its turn. Another worker may have room for it before we have.
      if state.crowded == nil { state.crowded = Elapsed() }
      guard let crowded = state.crowded, crowded.seconds > crowdedSeconds else { return (nil, false) }
      state.crowded = nil
      state.pausesUntil = .now + .seconds(crowdedSeconds)
      isTooLarge = true
      return (state.claims.remove(at: index), false)
    }
    if mayAsk { poller.ask() }
    guard let claim, isTooLarge else { return claim }
    try SpoolFolder(path: claim.folder).write(.released(reason: "there is no memory for it"))
    state.withLock { $0.couriers[Self.key(claim)] }?.deliver()
    note("\(claim.job.id): given back: there is no memory for it beside what runs")
    return nil
  }

  package func adopt() throws(FileError) -> Claim? {
    for folder in try spool.orphans() {
      guard let record = folder.record, let token = Lease.read(folder.job.lease)?.token else { continue }
      let claim = Claim(job: record, token: token, folder: folder.path, isAdopted: true)
      follow(claim, folder, after: nil)
      // One that had come to its report only lacks the delivery.
      if folder.readReport() == nil { state.withLock { $0.claims.append(claim) } }
    }
    return state.withLock { state in
      guard let index = state.claims.firstIndex(where: \.isAdopted) else { return nil }
      return state.claims.remove(at: index)
    }
  }

  package func renew(_ claim: Claim) throws(FileError) -> LeaseAnswer {
    let answer = state.withLock { $0.couriers[Self.key(claim)] }?.answer ?? .lost
    // What the server no longer wants is stopped cleanly. Its engine is here and nobody else can stop it.
    return answer == .lost ? .cancel(by: "the server") : answer
  }

  package func settle(_ claim: Claim, _ settlement: Settlement) throws(FileError) -> Bool {
    let folder = SpoolFolder(path: claim.folder)
    guard let courier = state.withLock({ $0.couriers[Self.key(claim)] }), courier.answer != .lost else {
      // Its engine has been stopped, and nothing of it is wanted any more.
      state.withLock { _ = $0.couriers.removeValue(forKey: Self.key(claim)) }
      try LocalFiles.removeTree(folder.path)
      return false
    }
    try folder.write(.settled(settlement))
    courier.deliver()
    if case .completed(let result, let exitCode, let reason, _) = settlement {
      var job = claim.job
      (job.status, job.result, job.exitCode, job.reason) = (.completed, result, exitCode, reason)
      onEnd(job)
    }
    return true
  }

  package func waiting() throws(FileError) -> (count: Int, oldest: Double) {
    let (queue, mayAsk) = state.withLock { state in
      defer { state.isAskingForQueue = true }
      return (state.queue, !state.isAskingForQueue)
    }
    if mayAsk {
      BackgroundThread.start { [self] in
        let found = endpoint.ask(QueueEndpoint.Request("GET", "/queue")).document(Wire.QueueState.self)
        state.withLock { state in
          state.queue = found ?? state.queue
          state.isAskingForQueue = false
        }
      }
    }
    return (queue.queued, queue.oldest)
  }

  package func isDrained() throws(FileError) -> Bool {
    guard state.withLock({ $0.claims.isEmpty }), !poller.isTaking else { return false }
    let answer = endpoint.ask(QueueEndpoint.Request("GET", "/queue"))
    switch answer {
    case .denied:
      state.withLock { $0.failure = QueueClient.Failure(kind: .denied, words: answer.words) }
      throw FileError("use", endpoint.url, code: 13)
    case .refused:
      state.withLock { $0.failure = QueueClient.Failure(kind: .noAnswer, words: answer.words) }
      throw FileError("use", endpoint.url, code: 2)
    case .later: return false
    case .unexplained:
      guard state.withLock({ $0.refusals.persist(with: answer) }) else { return false }
      state.withLock { $0.failure = QueueClient.Failure(kind: .noAnswer, words: answer.words) }
      throw FileError("use", endpoint.url, code: 2)
    case .done:
      guard let queue = answer.document(Wire.QueueState.self) else { return false }
      return queue.queued == 0 && queue.running == 0
    }
  }

  /// Why ``isDrained()`` threw, in the server's words.
  package var failure: QueueClient.Failure? { state.withLock { $0.failure } }

  package var isDelivered: Bool { state.withLock { $0.couriers.isEmpty } }

  // MARK: Beside it

  /// What there is to say since the last call.
  package func takeLines() -> [String] {
    state.withLock { state in
      defer { state.lines = [] }
      return state.lines
    }
  }

  package func drain() { BackgroundThread.start { [self] in giveBack() } }

  private func giveBack() {
    poller.stop()
    let watch = Elapsed()
    let bell = Bell()
    // One that comes just now is to be given back as well.
    while poller.isTaking, watch.seconds < 5 { bell.wait(seconds: 0.02) }
    let unused = state.withLock { state in
      state.isDraining = true
      defer { state.claims = [] }
      return state.claims
    }
    for claim in unused {
      if claim.isAdopted {
        // It runs, and the next worker finds it.
        state.withLock { $0.couriers.removeValue(forKey: Self.key(claim)) }?.leave()
      } else {
        try? SpoolFolder(path: claim.folder).write(.released(reason: "its worker ended"))
        state.withLock { $0.couriers[Self.key(claim)] }?.deliver()
      }
    }
  }

  /// Gives back what was claimed and not begun, within some seconds. What is still on its way stays in the spool.
  package func close() {
    let watch = Elapsed()
    let bell = Bell()
    giveBack()
    while !isDelivered, watch.seconds < 10 { bell.wait(seconds: 0.02) }
    for courier in state.withLock({ Array($0.couriers.values) }) { courier.leave() }
  }

  func note(_ line: String) { state.withLock { $0.lines.append(line) } }

  func listen(_ control: Wire.Control) {
    let drains = state.withLock { state in
      state.isPaused = control.pause
      defer { state.isDraining = state.isDraining || control.drain }
      return control.drain && !state.isDraining
    }
    if drains {
      note("the server asks to claim no more and to end")
      onDrain()
    }
  }

  /// Starts a courier for a claim.
  @discardableResult
  func follow(_ claim: Claim, _ folder: SpoolFolder, after reply: Wire.LeaseReply?) -> Courier {
    let courier = Courier(
      claim: claim,
      folder: folder,
      endpoint: endpoint,
      listener: Courier.Listener(
        control: { [self] in listen($0) },
        log: { [self] in note($0) },
        ended: { [self] in ended($0, $1) }
      )
    )
    state.withLock { $0.couriers[Self.key(claim)] = courier }
    courier.start(after: reply)
    return courier
  }

  private func ended(_ courier: Courier, _ end: Courier.End) {
    switch end {
    case .delivered: try? LocalFiles.removeTree(courier.folder.path)
    case .kept(let reason):
      note("\(courier.id): its report is kept in \(courier.folder.path) for the next worker: \(reason)")
    case .refused(let reason):
      note("\(courier.id): the claim is lost: \(reason)")
      // With a report nothing runs any more. Without one the worker has to stop its engine first.
      guard courier.folder.readReport() != nil else { return wake() }
      try? LocalFiles.removeTree(courier.folder.path)
    }
    state.withLock { _ = $0.couriers.removeValue(forKey: "\(courier.id).\(courier.token)") }
    wake()
  }

  static func key(_ claim: Claim) -> String { "\(claim.job.id).\(claim.token)" }
}
