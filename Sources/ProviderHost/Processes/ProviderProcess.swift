import LocalFiles
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A real provider that has said where it listens.
package final class ProviderProcess: Sendable {
  package let pid: Int
  let executable: String
  let handshake: HandshakeLine
  private let record: ProcessRecord
  private let killer: @Sendable () -> Void

  private init(
    pid: Int,
    executable: String,
    handshake: HandshakeLine,
    record: ProcessRecord,
    killer: @escaping @Sendable () -> Void
  ) {
    self.pid = pid
    self.executable = executable
    self.handshake = handshake
    self.record = record
    self.killer = killer
  }

  /// A process that a ``SpareGuard`` has started.
  ///
  /// - Parameter link: to the guard, which ends the process when it is closed.
  static func taken(
    _ launch: ProviderLaunch,
    _ description: SpareDescription,
    _ link: MessageSocket
  ) -> ProviderProcess? {
    let record = ProcessRecord(log: nil)
    let isFollowed = startThread {
      let message = link.receive()?.message
      if let words = message?["words"]?.string { record.note(.error(Array(words.utf8))) }
      // A guard that ends without a word was killed, and its provider with it.
      record.note(.ended(message?["end"].flatMap(ProcessEnd.init(json:)) ?? .signal(Int(SIGKILL))))
    }
    guard isFollowed else { return nil }
    return ProviderProcess(
      pid: description.pid,
      executable: launch.executable,
      handshake: description.handshake,
      record: record,
      killer: { link.finish() }
    )
  }

  /// - Parameters:
  ///   - socketFolder: where it puts its socket; 0700, since the connection is in the clear.
  ///   - patience: how long it may take to start.
  ///   - log: receives what it writes to standard error, piece by piece, on a thread of its own.
  static func start(
    _ launch: ProviderLaunch,
    socketFolder: String,
    patience: Duration = .seconds(60),
    log: (@Sendable ([UInt8]) -> Void)? = nil
  ) async throws(HostFailure) -> ProviderProcess {
    let record = ProcessRecord(log: log)
    let command = ChildProcess.Command(
      executable: launch.executable,
      environment: launch.variables(socketFolder: socketFolder),
      workingDirectory: launch.workingDirectory
    )
    ChildProcess.start(command) { record.note($0) }
    let limit = Task {
      try await Task.sleep(for: patience)
      record.giveUp()
    }
    defer { limit.cancel() }
    switch await record.firstWords() {
    case .line(let line, let child):
      guard let handshake = HandshakeLine(line) else {
        child.kill()
        throw .noHandshake(executable: launch.executable, said: line)
      }
      return ProviderProcess(
        pid: Int(child.pid),
        executable: launch.executable,
        handshake: handshake,
        record: record,
        killer: { child.kill() }
      )
    case .notStarted(let code):
      let reason = FileError("start", launch.executable, code: code).reason
      throw .cannotStart(executable: launch.executable, reason: reason)
    case .ended:
      throw .noHandshake(executable: launch.executable, said: record.lastWords)
    }
  }

  /// SIGKILL to it and whatever it started.
  func kill() { killer() }

  var hasEnded: Bool { record.end != nil }

  /// Waits until it is gone.
  func ended() async -> ProcessEnd {
    let end = await record.ended()
    // One that was killed leaves its socket behind.
    try? LocalFiles.remove(handshake.socket)
    return end
  }

  /// The end of what it wrote to standard error.
  var lastWords: String { record.lastWords }
}

/// What is known of a process so far.
private final class ProcessRecord: Sendable {
  enum FirstWords {
    case line(String, ChildProcess)
    /// An error number.
    case notStarted(Int32)
    case ended
  }

  private struct State {
    var child: ChildProcess?
    var line: [UInt8] = []
    var firstWords: FirstWords?
    var hasGivenUp = false
    var tail: [UInt8] = []
    var end: ProcessEnd?
    var listener: CheckedContinuation<FirstWords, Never>?
    var waiting: [CheckedContinuation<ProcessEnd, Never>] = []
  }

  /// A Go program that panics writes all its goroutines; the reason stands first.
  private static let tailLimit = 1 << 16
  /// A line this long is no handshake.
  private static let lineLimit = 1 << 14

  private let state = Mutex(State())
  private let log: (@Sendable ([UInt8]) -> Void)?

  init(log: (@Sendable ([UInt8]) -> Void)?) { self.log = log }

  func note(_ event: ChildProcess.Event) {
    switch event {
    case .started(let child):
      let isLate = state.withLock {
        $0.child = child
        return $0.hasGivenUp
      }
      if isLate { child.kill() }
    case .notStarted(let code): settle(.notStarted(code))
    case .output(let bytes): noteOutput(bytes)
    case .error(let bytes):
      log?(bytes)
      state.withLock {
        $0.tail.append(contentsOf: bytes)
        if $0.tail.count > 2 * Self.tailLimit { $0.tail.removeFirst($0.tail.count - Self.tailLimit) }
      }
    case .ended(let end):
      settle(.ended)
      let waiting = state.withLock { state in
        defer { state.waiting = [] }
        state.end = end
        return state.waiting
      }
      for continuation in waiting { continuation.resume(returning: end) }
    }
  }

  private func noteOutput(_ bytes: [UInt8]) {
    let words: FirstWords? = state.withLock { state in
      // After the first line, what is printed is of no use to anybody.
      guard state.firstWords == nil, let child = state.child else { return nil }
      state.line.append(contentsOf: bytes)
      guard let end = state.line.firstIndex(of: UInt8(ascii: "\n")) else {
        return state.line.count < Self.lineLimit ? nil : .line("a line without end", child)
      }
      var line = state.line[..<end]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      return .line(String(decoding: line, as: UTF8.self), child)
    }
    if let words { settle(words) }
  }

  private func settle(_ words: FirstWords) {
    let listener = state.withLock { state in
      defer { state.listener = nil }
      if state.firstWords == nil { state.firstWords = words }
      return state.listener
    }
    listener?.resume(returning: words)
  }

  /// Ends a process that still has said nothing.
  func giveUp() {
    let child = state.withLock { state in
      state.hasGivenUp = true
      return state.firstWords == nil ? state.child : nil
    }
    child?.kill()
  }

  func firstWords() async -> FirstWords {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state in
        if state.firstWords == nil { state.listener = continuation }
        return state.firstWords
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  func ended() async -> ProcessEnd {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state in
        if state.end == nil { state.waiting.append(continuation) }
        return state.end
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  var end: ProcessEnd? { state.withLock { $0.end } }

  var lastWords: String { state.withLock { String(decoding: $0.tail.suffix(Self.tailLimit), as: UTF8.self) } }
}
