import CurlHTTP
import Digests
import LocalFiles
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Tells of changes of jobs by HTTP what a queue's folder says is owed, on a thread of its own.
///
/// One worker of a queue does so at a time. What was told and could not be noted down is told again: at least once is
/// what is promised.
package final class CallbackSender: Sendable {
  package struct Counts: Sendable, Equatable {
    package var delivered = 0
    package var failed = 0
    package var dropped = 0

    package init(delivered: Int = 0, failed: Int = 0, dropped: Int = 0) {
      self.delivered = delivered
      self.failed = failed
      self.dropped = dropped
    }
  }

  /// How something that failed is tried again.
  private struct Pause {
    var until: ContinuousClock.Instant
    var backoff: Backoff
  }

  private struct State {
    var counts = Counts()
    var isStopping = false
  }

  private let queue: QueueDirectory
  private let rules: [CallbackRule]
  private let log: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let bell = Bell()
  private let end = Bell()
  /// Nobody is told of what is older, in seconds.
  private static let longest = 3 * 24 * 3600
  private static let userAgent = "stackjob"

  package init(queue: QueueDirectory, rules: [CallbackRule], log: @escaping @Sendable (String) -> Void) {
    self.queue = queue
    self.rules = rules
    self.log = log
  }

  package func start() { BackgroundThread.start { [self] in run() } }

  package var counts: Counts { state.withLock { $0.counts } }

  /// Tells what nobody has tried to tell yet, for so long at most. The rest is for the next worker.
  package func stop(within seconds: Double) {
    state.withLock { $0.isStopping = true }
    bell.ring()
    end.wait(seconds: seconds)
  }

  private func run() {
    var trip = Trip()
    while true {
      bell.wait(seconds: 0.5)
      let isLast = state.withLock { $0.isStopping }
      do throws(FileError) {
        if try !queue.owedCallbacks().isEmpty {
          try queue.whileSending { pass(&trip) }
        }
        trip.said = nil
      } catch {
        if trip.said == nil { log("callbacks: \(error)") }
        trip.said = error.description
      }
      if isLast { break }
    }
    end.ring()
  }

  /// What the sender remembers from one pass to the next.
  private struct Trip {
    let connection = HTTPConnection()
    /// By delivery, and by the address of a receiver that cannot be reached.
    var pauses: [String: Pause] = [:]
    var said: String?
  }

  private func pass(_ trip: inout Trip) {
    // Again under the lock: another worker may have told some meanwhile.
    guard let owed = try? queue.owedCallbacks() else { return }
    let names = Set(owed.map(\.delivery) + owed.map(\.url))
    trip.pauses = trip.pauses.filter { names.contains($0.key) }
    var blocked: Set<String> = []
    for callback in owed where !blocked.contains(callback.job) {
      // The changes of one job are told in their order.
      guard tell(callback, &trip) else {
        blocked.insert(callback.job)
        continue
      }
    }
  }

  /// - Returns: whether the callback is done with.
  private func tell(_ callback: OwedCallback, _ trip: inout Trip) -> Bool {
    do throws(FileError) {
      guard let url = CallbackURL(callback.url), let rule = rules.first(where: { $0.prefix.covers(url) })
      else {
        try drop(callback, "the settings of the worker allow no calls to \(callback.url)")
        return true
      }
      if let age = queue.age(of: callback), age > Self.longest {
        try drop(callback, "it could not be told for \(age / 3600) hours")
        return true
      }
      for name in [callback.delivery, callback.url] {
        if let pause = trip.pauses[name], pause.until > .now { return false }
      }
      guard let due = try queue.due(callback) else {
        try queue.forget(callback)
        return true
      }
      return try post(due, to: url, rule, &trip)
    } catch {
      log("\(callback.delivery): \(error)")
      return false
    }
  }

  private func drop(_ callback: OwedCallback, _ reason: String) throws(FileError) {
    try queue.noteUntold(callback, reason: reason)
    try queue.forget(callback)
    state.withLock { $0.counts.dropped += 1 }
    log("\(callback.delivery): nobody is told: \(reason)")
  }

  private func post(
    _ callback: OwedCallback,
    to url: CallbackURL,
    _ rule: CallbackRule,
    _ trip: inout Trip
  ) throws(FileError) -> Bool {
    let body = callback.body.bytes()
    let timestamp = String(time(nil))
    var headers = [
      "content-type: application/json", "expect:", "user-agent: \(Self.userAgent)",
      "stackjob-delivery: \(callback.delivery)", "stackjob-timestamp: \(timestamp)",
    ]
    if let file = rule.secretFile {
      guard let secret = Self.secret(file) else {
        pause(callback.url, &trip, "there is no secret of 32 bytes or more in \(file)", callback)
        return false
      }
      let signature = HMAC.sha256(Array("\(timestamp).".utf8) + body, key: secret)
      headers.append("stackjob-signature: v1=\(Hex.text(signature))")
    }
    var call = HTTPCall(url: url.text, method: "POST", headers: headers, timeoutSeconds: 10)
    call.connectSeconds = 5
    call.bytes = body
    let reply: HTTPCall.Reply
    do throws(HTTPCall.Failure) { reply = try call.perform(on: trip.connection) } catch {
      // Others would wait for the same silence.
      pause(callback.url, &trip, error.description, callback)
      return false
    }
    switch reply.status {
    case 200...299:
      try queue.forget(callback)
      if trip.pauses[callback.url] != nil || trip.pauses[callback.delivery] != nil {
        log("\(callback.delivery): told")
      }
      (trip.pauses[callback.url], trip.pauses[callback.delivery]) = (nil, nil)
      state.withLock { $0.counts.delivered += 1 }
      return true
    case 410:
      try drop(callback, "the receiver is gone for good (status 410)")
      return true
    default:
      let asked = reply.headers["retry-after"].flatMap { Double($0) }
      pause(callback.delivery, &trip, "status \(reply.status)", callback, atLeast: asked)
      return false
    }
  }

  private func pause(
    _ name: String,
    _ trip: inout Trip,
    _ words: String,
    _ callback: OwedCallback,
    atLeast: Double? = nil
  ) {
    let isFirst = trip.pauses[name] == nil
    var backoff = trip.pauses[name]?.backoff ?? Backoff(first: 0.5, longest: 300)
    let seconds = backoff.next(atLeast: atLeast)
    trip.pauses[name] = Pause(until: .now + .milliseconds(Int(seconds * 1000)), backoff: backoff)
    state.withLock { $0.counts.failed += 1 }
    if isFirst { log("\(callback.delivery): not told: \(words); it is tried again") }
  }

  private static func secret(_ path: String) -> [UInt8]? {
    guard let bytes = try? LocalFiles.read(path) else { return nil }
    let secret = Array(bytes.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
    return secret.count >= 32 ? secret : nil
  }
}
