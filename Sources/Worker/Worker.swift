import JobRunner
package import JobSources
package import LocalFiles
package import ProviderHost
import StackModel
import Synchronization
package import Traces

/// What signals have asked of a worker.
package final class WorkerStop: Sendable {
  private let level = Mutex(0)

  package init() {}

  /// The first request drains, each further one interrupts.
  package func request() { level.withLock { $0 += 1 } }

  /// Claim no more.
  var isDraining: Bool { level.withLock { $0 > 0 } }
  /// Stop what runs.
  var isInterrupting: Bool { level.withLock { $0 > 1 } }
}

/// Claims jobs, has each run by a supervisor of its own, and reports how they end.
///
/// It holds nothing that another worker could not find in the source and in the job's folder: it may be
/// killed at any moment.
package struct Worker {
  package struct Options: Sendable {
    /// How many jobs run at once.
    package var concurrency: Int
    /// End when nothing is left.
    package var untilEmpty: Bool
    /// Seconds that running jobs get after a request to stop, before they are interrupted.
    package var grace: Double
    /// The state home without the sandbox's part.
    package var stateHome: String
    /// How long it pauses when nothing is to be done, unless it is woken.
    package var pauseMilliseconds: Int
    /// MiB that all jobs may take together, and where what they take is kept; nil for no bound.
    package var memory: (limit: Int, path: String)?
    /// Started providers for the next jobs; nil for none.
    package var spares: SparePool?

    package init(
      concurrency: Int,
      untilEmpty: Bool,
      grace: Double,
      stateHome: String,
      pauseMilliseconds: Int
    ) {
      self.concurrency = concurrency
      self.untilEmpty = untilEmpty
      self.grace = grace
      self.stateHome = stateHome
      self.pauseMilliseconds = pauseMilliseconds
    }
  }

  /// Jobs of dead workers end without waking anybody, and what is cancelled should hear of it soon.
  private var pause: Int { running.isEmpty ? options.pauseMilliseconds : min(options.pauseMilliseconds, 100) }

  let source: any JobSource
  let options: Options
  let stop: WorkerStop
  /// Lets the source take in what came from outside; returns lines for the log.
  let intake: () throws(FileError) -> [String]
  let start: (Claim) throws(FileError) -> Void
  let log: WorkerLog
  let status: WorkerStatus
  let waker: Waker
  /// Takes the spans of attempts that have ended.
  package var trace: (([Span]) -> Void)?
  private var running: [RunningAttempt] = []
  private var renewed = Stopwatch()
  private var draining: Stopwatch?
  private var measured: Stopwatch?
  private var book: MemoryBook?
  private var weighed = Stopwatch()
  private static let renewalSeconds = 5.0

  package init(
    source: any JobSource,
    options: Options,
    stop: WorkerStop,
    log: WorkerLog,
    status: WorkerStatus,
    waker: Waker,
    intake: @escaping () throws(FileError) -> [String],
    start: @escaping (Claim) throws(FileError) -> Void
  ) {
    self.source = source
    self.options = options
    self.stop = stop
    self.log = log
    self.status = status
    self.waker = waker
    self.intake = intake
    self.start = start
    book = options.memory.map { MemoryBook(path: $0.path) }
  }

  /// Works until it is asked to stop, or until nothing is left.
  package mutating func run() async throws(FileError) {
    log.write("info", "worker started")
    var failures = 0
    // At the start it is a mistake that somebody should see.
    var hasWorked = false
    while true {
      let changed: Bool
      do throws(FileError) {
        changed = try step()
        failures = 0
      } catch {
        // A disk that is full for a while should not end a service; what runs is found again by its lease.
        failures += 1
        guard hasWorked, !options.untilEmpty, !stop.isDraining else { throw error }
        if failures == 1 { log.write("error", "\(error); tried again each second") }
        await waker.wait(milliseconds: 1000)
        continue
      }
      hasWorked = true
      if running.isEmpty {
        if stop.isDraining {
          if source.isDelivered || isOutOfGrace { break }
        } else if options.untilEmpty, source.isDelivered, try source.isDrained() {
          break
        }
      }
      if !changed { await waker.wait(milliseconds: pause) }
    }
    await options.spares?.close()
    SupervisorLaunch.reap()
    log.write("info", "worker ended")
  }

  private var isOutOfGrace: Bool { stop.isInterrupting || (draining?.seconds ?? 0) > options.grace }

  /// - Returns: whether something came about, so that more may.
  private mutating func step() throws(FileError) -> Bool {
    var changed = false
    SupervisorLaunch.reap()
    let taken = try intake()
    for line in taken { log.write("info", line) }
    changed = !taken.isEmpty
    changed = try settleEnded() || changed
    try renew()
    try measure()
    try stopIfAsked()
    guard !stop.isDraining else {
      status.tick()
      return changed
    }
    while running.count < options.concurrency, let claim = try source.adopt() {
      log.write("info", "adopted", claim)
      status.update { $0.adopted += 1 }
      running.append(RunningAttempt(claim: claim, stateHome: options.stateHome))
      changed = true
    }
    while running.count < options.concurrency, let claim = try source.claim(fits) {
      log.write("info", "claimed", claim)
      status.update { $0.claimed += 1 }
      running.append(RunningAttempt(claim: claim, stateHome: options.stateHome))
      try start(claim)
      changed = true
    }
    allowSpares()
    status.tick()
    return changed
  }

  private mutating func settleEnded() throws(FileError) -> Bool {
    var left: [RunningAttempt] = []
    var problem: FileError?
    for attempt in running {
      guard case .ended(let settlement) = attempt.look() else {
        left.append(attempt)
        continue
      }
      do throws(FileError) { try settle(attempt, settlement) } catch {
        // Still ours, and to be settled once the disk has room again.
        left.append(attempt)
        problem = error
      }
    }
    let hasEnded = left.count < running.count
    running = left
    if let problem { throw problem }
    return hasEnded
  }

  private mutating func settle(_ attempt: RunningAttempt, _ settlement: Settlement) throws(FileError) {
    // Before it is settled: what it has left may be gone after that.
    let phases = attempt.phases
    let spans =
      trace == nil
      ? []
      : AttemptTrace(claim: attempt.claim, settlement: settlement)
        .spans(events: attempt.folder.events, until: WallClock.now())
    let isOurs = try source.settle(attempt.claim, settlement)
    book?.learn(attempt.claim.job.stack, peak: attempt.peak)
    if isOurs {
      status.ended(settlement, phases)
      trace?(spans)
    } else {
      status.update { $0.leasesLost += 1 }
    }
    log.write(isOurs ? "info" : "warning", isOurs ? settlement.words : "lost the lease", attempt.claim)
  }

  /// Cancelling should be quick, so the source is asked more often than the lease needs it.
  private mutating func renew() throws(FileError) {
    guard renewed.seconds > (running.isEmpty ? Self.renewalSeconds : 0.2) else { return }
    renewed = Stopwatch()
    var kept: [RunningAttempt] = []
    for var attempt in running {
      switch try source.renew(attempt.claim) {
      case .kept: kept.append(attempt)
      case .cancel:
        attempt.cancel()
        kept.append(attempt)
      case .lost:
        log.write("warning", "lost the lease", attempt.claim)
        status.update { $0.leasesLost += 1 }
      }
    }
    running = kept
  }

  private mutating func weigh() {
    guard book != nil, !running.isEmpty, weighed.seconds > 0.5 else { return }
    weighed = Stopwatch()
    let memory = ProcessMemory()
    for index in running.indices { running[index].measure(memory, options.spares) }
  }

  /// What running jobs take or are expected to take, in MiB.
  private func expected(_ book: MemoryBook) -> [Int] {
    running.map { max($0.peak, book.estimate($0.claim.job.stack)) }
  }

  private func fits(_ stack: String?) -> Bool {
    guard let book, let limit = options.memory?.limit else { return true }
    return book.fits(stack, beside: expected(book), limit: limit)
  }

  /// Jobs come first: providers that wait get what these leave.
  private func allowSpares() {
    guard let spares = options.spares, let book, let limit = options.memory?.limit else { return }
    spares.allow(mebibytes: limit - expected(book).reduce(0, +))
  }

  /// Counting what waits means looking at each ticket, which is not done at every step.
  private mutating func measure() throws(FileError) {
    let count = running.count
    status.update { [stop, options] in
      $0.running = count
      $0.spares = options.spares?.numbers ?? SparePool.Numbers()
      $0.isDraining = stop.isDraining
    }
    weigh()
    guard measured.map({ $0.seconds > Self.renewalSeconds }) ?? true else { return }
    measured = Stopwatch()
    let waiting = try source.waiting()
    status.update {
      $0.queued = waiting.count
      $0.queueAge = waiting.oldest
    }
  }

  private mutating func stopIfAsked() throws(FileError) {
    guard stop.isDraining else { return }
    if draining == nil {
      draining = Stopwatch()
      source.drain()
      options.spares?.drain()
      log.write("info", "draining: \(running.count) jobs run on, \(options.grace) s at most")
    }
    guard isOutOfGrace else { return }
    for index in running.indices { running[index].stop() }
  }
}

extension Settlement {
  var words: String {
    switch self {
    case .completed(let result, _, let reason, _): result.rawValue + (reason.map { ": \($0)" } ?? "")
    case .awaitingApproval(let digest, let reason):
      "waits for a decision on plan \(digest.prefix(12))" + (reason.map { ": \($0)" } ?? "")
    case .retry(let reason): "to be tried again: \(reason)"
    case .wait(let reason): reason
    case .inspect(let reason): "to be looked at: \(reason)"
    }
  }
}
