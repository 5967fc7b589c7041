import CurlHTTP
import StackModel
import Synchronization

/// Sends spans to a collector, in batches, by a thread of its own.
///
/// Nothing waits for it: spans that find no room, that the collector does not want or that it cannot be given for a long
/// time are dropped and counted.
package final class TraceExporter: Sendable {
  package struct Counts: Sendable, Equatable {
    package var sent = 0
    package var dropped = 0

    package init(sent: Int = 0, dropped: Int = 0) {
      self.sent = sent
      self.dropped = dropped
    }
  }

  private struct State {
    var waiting: [Span] = []
    /// On their way.
    var inFlight = 0
    var counts = Counts()
    /// Until when what waits is sent, once the exporter ends.
    var last: ContinuousClock.Instant?
    var hasEnded = false
  }

  private enum Answer {
    case taken(rejected: Int)
    case refused(String)
    case later(String, seconds: Double?)
  }

  private let settings: TraceSettings
  private let log: @Sendable (String) -> Void
  private let state = Mutex(State())
  /// There is a whole batch, or an end.
  private let bell = Bell()
  /// Ends a pause between two tries, which more spans must not.
  private let halt = Bell()
  private let end = Bell()
  /// How long a batch is tried for, in seconds, while the worker goes on.
  private static let patience = 300.0

  /// - Parameter log: gets a line when sending begins to fail and when it works again.
  package init(_ settings: TraceSettings, log: @escaping @Sendable (String) -> Void) {
    self.settings = settings
    self.log = log
  }

  package func start() { BackgroundThread.start { [self] in run() } }

  package var counts: Counts { state.withLock { $0.counts } }

  /// Returns at once.
  package func add(_ spans: [Span]) {
    let isBatch = state.withLock { state in
      let room = state.last != nil ? 0 : max(0, settings.queueSize - state.waiting.count - state.inFlight)
      state.waiting += spans.prefix(room)
      state.counts.dropped += max(0, spans.count - room)
      return state.waiting.count >= settings.batchSize
    }
    if isBatch { bell.ring() }
  }

  /// Sends what waits, for so long at most; the rest counts as dropped.
  package func stop(within seconds: Double) {
    let isIdle = state.withLock { state in
      state.last = .now + .milliseconds(Int(seconds * 1000))
      return state.waiting.isEmpty && state.inFlight == 0
    }
    bell.ring()
    halt.ring()
    if !isIdle { end.wait(seconds: seconds) }
    let left = state.withLock { state in
      guard !state.hasEnded else { return 0 }
      let left = state.waiting.count + state.inFlight
      state.counts.dropped += left
      (state.waiting, state.inFlight) = ([], 0)
      return left
    }
    if left > 0 { log("\(left) spans were not sent") }
  }

  private var last: ContinuousClock.Instant? { state.withLock { $0.last } }

  private func run() {
    let connection = HTTPConnection()
    var said = false
    while true {
      if last == nil { bell.wait(seconds: settings.delaySeconds) }
      // Before the rest is taken: after the end nothing more comes.
      let isLast = last != nil
      while case let batch = take(), !batch.isEmpty {
        switch deliver(batch, on: connection, &said) {
        case nil: settle(sent: batch.count, dropped: 0)
        case let dropped?: settle(sent: batch.count - dropped, dropped: dropped)
        }
      }
      if isLast { break }
    }
    state.withLock { $0.hasEnded = true }
    end.ring()
  }

  private func take() -> [Span] {
    state.withLock { state in
      let batch = Array(state.waiting.prefix(settings.batchSize))
      state.waiting.removeFirst(batch.count)
      state.inFlight = batch.count
      return batch
    }
  }

  private func settle(sent: Int, dropped: Int) {
    state.withLock { state in
      // Given up by stop() meanwhile: they are counted.
      guard state.inFlight > 0 else { return }
      state.inFlight = 0
      state.counts.sent += sent
      state.counts.dropped += dropped
    }
  }

  /// - Returns: how many of them were dropped; nil when none was.
  private func deliver(_ batch: [Span], on connection: HTTPConnection, _ said: inout Bool) -> Int? {
    let body = document(batch).bytes()
    let start = ContinuousClock.now
    var pause = 1.0
    while true {
      let problem: String
      var atLeast: Double?
      switch post(body, on: connection) {
      case .taken(let rejected):
        if said { log("the collector takes traces again") }
        said = false
        return rejected == 0 ? nil : min(rejected, batch.count)
      case .refused(let words):
        if !said { log("\(batch.count) spans are dropped: \(words)") }
        said = true
        return batch.count
      case .later(let words, let seconds): (problem, atLeast) = (words, seconds)
      }
      if !said { log("traces cannot be sent: \(problem); it is tried again, jobs go on") }
      said = true
      if let last {
        if last < .now { return batch.count }
        Bell().wait(seconds: 0.2)
      } else {
        if start.duration(to: .now) > .seconds(Self.patience) { return batch.count }
        halt.wait(seconds: max(min(atLeast ?? 0, 60), pause * Double.random(in: 0.5...1)))
        pause = min(pause * 2, 30)
      }
    }
  }

  private func post(_ body: [UInt8], on connection: HTTPConnection) -> Answer {
    var call = HTTPCall(
      url: settings.endpoint,
      method: "POST",
      headers: ["content-type: application/json", "expect:"] + settings.headers.map { $0.reveal() },
      certificates: settings.certificates,
      timeoutSeconds: settings.timeoutSeconds
    )
    call.bytes = body
    call.clientCertificate = settings.clientCertificate
    call.clientKey = settings.clientKey
    let reply: HTTPCall.Reply
    do throws(HTTPCall.Failure) { reply = try call.perform(on: connection) } catch {
      // A URL may hold a password.
      return .later(error.description.replacing(settings.endpoint, with: "the collector"), seconds: nil)
    }
    switch reply.status {
    case 200...299:
      let partial = (try? JSONValue(parsing: reply.body))?["partialSuccess"]?["rejectedSpans"]
      return .taken(rejected: partial?.int ?? partial?.string.flatMap { Int($0) } ?? 0)
    case 429, 502, 503, 504:
      return .later("status \(reply.status)", seconds: reply.headers["retry-after"].flatMap { Double($0) })
    default: return .refused("the collector answers with status \(reply.status)")
    }
  }

  private func document(_ batch: [Span]) -> JSONValue {
    let spans: JSONValue = .array(batch.map(\.json))
    return [
      "resourceSpans": [
        [
          "resource": ["attributes": Span.attributes(settings.resource)],
          "scopeSpans": [["scope": ["name": "stackjob"], "spans": spans]],
        ]
      ]
    ]
  }
}
