import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Started providers that no job has configured yet, each in the hands of a ``SpareGuard``.
///
/// A job that asks for one gets the connection to its guard and has nothing to do with us any more. What was asked for
/// is started for the next job of the kind, but not before this one can do without the processor: when the provider that
/// it took has ended, or itself when there was none to take.
package final class SparePool: Sendable {
  package struct Numbers: Sendable, Hashable {
    /// Started and not taken yet.
    package var ready = 0
    package var started = 0
    package var taken = 0
    /// Those that nobody took, because they waited too long or made room.
    package var discarded = 0

    package init() {}
  }

  private enum Phase {
    case starting
    case ready(SpareDescription)
    case taken(by: Int)
    /// Told to end.
    case leaving
  }

  private struct Spare {
    var request: SpareRequest
    var guardian: MessageSocket
    var pid: Int
    var phase: Phase

    var isTaken: Bool { if case .taken = phase { true } else { false } }
    var isLeaving: Bool { if case .leaving = phase { true } else { false } }
    var isWaiting: Bool { !isTaken && !isLeaving }
  }

  private struct Job {
    var socket: MessageSocket
    /// What it asked for in vain.
    var missed: SpareRequest?
  }

  private struct State {
    /// Oldest first.
    var spares: [Spare] = []
    var jobs: [Job] = []
    var numbers = Numbers()
    var limit: Int
    /// Resumed once nothing is left but what was taken.
    var closing: CheckedContinuation<Void, Never>?
    var isClosed = false
  }

  private static let patienceSeconds = 5

  private let state: Mutex<State>
  private let most: Int
  private let idleSeconds: Int
  private let start: @Sendable (_ input: Int32) -> Int?
  private let waker: (near: MessageSocket, far: MessageSocket)

  /// - Parameters:
  ///   - limit: how many are kept at most.
  ///   - folder: where guards have their folders, as they were told.
  ///   - idleSeconds: how long one waits to be taken.
  ///   - start: starts a guard with that standard input and returns its pid, or nil; it is a child of ours.
  /// - Returns: nil where nothing can be kept.
  package init?(
    limit: Int,
    folder: String,
    idleSeconds: Int = 600,
    start: @escaping @Sendable (_ input: Int32) -> Int?
  ) {
    guard limit > 0, let pair = MessageSocket.pair() else { return nil }
    state = Mutex(State(limit: limit))
    most = limit
    self.idleSeconds = idleSeconds
    self.start = start
    waker = (pair.0, pair.1)
    SpareFolder.sweep(folder)
    guard startThread({ [self] in serve() }) else { return nil }
  }

  package var numbers: Numbers {
    state.withLock { state in
      var numbers = state.numbers
      numbers.ready = state.spares.count { if case .ready = $0.phase { true } else { false } }
      return numbers
    }
  }

  /// The guards of providers that a process has taken.
  package func guards(takenBy pid: Int) -> [Int] {
    state.withLock { state in
      state.spares.compactMap { if case .taken(pid) = $0.phase { $0.pid } else { nil } }
    }
  }

  /// Keeps no more than so much memory allows, ending what is too much.
  package func allow(mebibytes: Int) {
    let limit = max(0, min(most, (mebibytes << 20) / ProviderPool.processMemory))
    state.withLock { state in
      state.limit = limit
      makeRoom(&state, for: 0)
    }
  }

  /// Runs the body with what a job's process gets as its standard input to ask us by.
  package func connecting<Result, Failure: Error>(
    _ body: (_ input: Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let (ours, theirs) = MessageSocket.pair() else { return try body(-1) }
    let result = try body(theirs.descriptor)
    ours.setPatience(seconds: 2)
    state.withLock { $0.jobs.append(Job(socket: ours)) }
    wake()
    return result
  }

  /// Ends what nobody has taken, and starts no more. What jobs have goes on.
  package func drain() {
    state.withLock { state in
      state.isClosed = true
      state.limit = 0
      makeRoom(&state, for: 0)
      state.jobs = []
    }
    wake()
  }

  /// The same; returns when it has ended.
  package func close() async {
    drain()
    await withCheckedContinuation { continuation in
      state.withLock { $0.closing = continuation }
      wake()
    }
  }

  // MARK: The thread

  private func wake() { waker.near.send(true) }

  private func serve() {
    while true {
      let (sockets, closing) = state.withLock { state in
        let isOver = state.isClosed && state.spares.allSatisfy(\.isTaken)
        defer { if isOver { state.closing = nil } }
        return (state.jobs.map(\.socket) + state.spares.map(\.guardian), isOver ? state.closing : nil)
      }
      if let closing { return closing.resume() }
      var sources = ([waker.far] + sockets).map {
        pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
      }
      let found = poll(&sources, nfds_t(sources.count), Int32(Self.patienceSeconds * 1000))
      if found == 0 { killLate() }
      guard found > 0 else { continue }
      if sources[0].revents != 0 { _ = waker.far.receive() }
      for (source, socket) in zip(sources.dropFirst(), sockets) where source.revents != 0 {
        let message = socket.receive()?.message
        state.withLock { hear(message, from: socket, &$0) }
      }
    }
  }

  private func hear(_ message: JSONValue?, from socket: MessageSocket, _ state: inout State) {
    if let index = state.spares.firstIndex(where: { $0.guardian === socket }) {
      guard let message, let description = message["spare"].flatMap(SpareDescription.init(json:)) else {
        let lost = state.spares.remove(at: index)
        switch lost.phase {
        case .taken: refill(lost.request, &state)
        case .starting, .ready: state.numbers.discarded += 1
        case .leaving: break
        }
        return
      }
      if case .starting = state.spares[index].phase { state.spares[index].phase = .ready(description) }
    } else if let index = state.jobs.firstIndex(where: { $0.socket === socket }) {
      if let message, let request = SpareRequest(json: message) {
        let isMet = hand(request, to: socket, taker: message["taker"]?.int ?? 0, &state)
        state.jobs[index].missed = isMet ? nil : request
      } else if let missed = state.jobs.remove(at: index).missed {
        refill(missed, &state)
      }
    }
  }

  private func hand(
    _ request: SpareRequest,
    to job: MessageSocket,
    taker: Int,
    _ state: inout State
  ) -> Bool {
    for index in state.spares.indices where state.spares[index].request == request {
      guard case .ready(let description) = state.spares[index].phase,
        let (near, far) = MessageSocket.pair(),
        // One whose guard is gone is no more; its end is about to be heard.
        state.spares[index].guardian.send(["take": true], passing: near)
      else { continue }
      state.spares[index].phase = .taken(by: taker)
      state.numbers.taken += 1
      job.send(["spare": description.json], passing: far)
      return true
    }
    job.send(["spare": nil])
    return false
  }

  // MARK: Keeping it filled

  private func refill(_ request: SpareRequest, _ state: inout State) {
    let alike = state.spares.count { $0.isWaiting && $0.request == request }
    guard !state.isClosed, alike < state.limit, let (near, far) = MessageSocket.pair(),
      case .object(var order) = request.json
    else { return }
    makeRoom(&state, for: 1)
    guard let pid = start(far.descriptor) else { return }
    order["seconds"] = .int(idleSeconds)
    near.setPatience(seconds: 2)
    guard near.send(.object(order)) else { return }
    state.spares.append(Spare(request: request, guardian: near, pid: pid, phase: .starting))
    state.numbers.started += 1
  }

  /// Ends those that have waited longest.
  private func makeRoom(_ state: inout State, for more: Int) {
    var tooMany = state.spares.count(where: \.isWaiting) + more - state.limit
    for index in state.spares.indices where tooMany > 0 && state.spares[index].isWaiting {
      tooMany -= 1
      state.numbers.discarded += 1
      state.spares[index].phase = .leaving
      state.spares[index].guardian.finish()
    }
  }

  /// A guard whose provider neither starts nor ends would be waited for in vain; the kernel ends the provider with it.
  private func killLate() {
    state.withLock { state in
      guard state.isClosed else { return }
      for spare in state.spares where spare.isLeaving { kill(pid_t(spare.pid), SIGKILL) }
    }
  }
}
