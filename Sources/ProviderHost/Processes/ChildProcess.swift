import CSpawn
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// How a process ended.
package enum ProcessEnd: Sendable, Hashable {
  case code(Int)
  case signal(Int)
}

/// A child with its own thread, which starts it, reads what it writes and reaps it.
///
/// The kernel kills the child when the thread that started it ends, so that thread has to live as long
/// as the child, and no pool's thread does for certain.
final class ChildProcess: Sendable {
  struct Command: Sendable {
    var executable: String
    var environment: [String: String]
    var workingDirectory: String
  }

  enum Event: Sendable {
    case started(ChildProcess)
    /// An error number.
    case notStarted(Int32)
    case output([UInt8])
    case error([UInt8])
    /// All output was handed on before.
    case ended(ProcessEnd)
  }

  let pid: pid_t
  /// False until the pid is given back to the system. Signals are sent under the lock, so that none
  /// reaches a stranger.
  private let isReaped = Mutex(false)

  private init(pid: pid_t) { self.pid = pid }

  /// - Parameter handler: called on the child's thread, in order; the child waits while it works.
  static func start(_ command: Command, handler: @escaping @Sendable (Event) -> Void) {
    if !startThread({ run(command, handler) }) { handler(.notStarted(EAGAIN)) }
  }

  /// SIGKILL to the child and whatever it started.
  func kill() {
    isReaped.withLock { isReaped in
      if !isReaped { Glibc.kill(-pid, SIGKILL) }
    }
  }

  // MARK: The thread

  private static func run(_ command: Command, _ handler: (Event) -> Void) {
    var parts = stackjob_child()
    var code = spawn(command, &parts)
    // A program that was written a moment ago counts as written to while a child that another thread
    // is about to start still holds the descriptor, which is until it executes its own.
    for _ in 0..<100 where code == ETXTBSY {
      usleep(5000)
      code = spawn(command, &parts)
    }
    guard code == 0 else { return handler(.notStarted(code)) }
    defer { for descriptor in [parts.output, parts.error, parts.ended] { close(descriptor) } }
    let child = ChildProcess(pid: parts.pid)
    handler(.started(child))
    child.read(output: parts.output, error: parts.error, until: parts.ended, handler)
    handler(.ended(child.reap()))
  }

  private static func spawn(_ command: Command, _ parts: inout stackjob_child) -> Int32 {
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(command.executable), nil]
    var variables = command.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    return stackjob_spawn(command.executable, &arguments, &variables, command.workingDirectory, &parts)
  }

  /// Reads until the child has ended; what it started may hold the pipes open longer.
  private func read(output: Int32, error: Int32, until watch: Int32, _ handler: (Event) -> Void) {
    var sources = [output, error, watch].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      guard poll(&sources, nfds_t(sources.count), -1) > 0 else { continue }
      let hasEnded = sources[2].revents != 0
      // Until the child is reaped its group cannot be another's.
      if hasEnded { kill() }
      for index in 0..<2 where sources[index].revents != 0 {
        // What it wrote last is in the pipe, a megabyte at most.
        for _ in 0..<16 {
          let count = Glibc.read(sources[index].fd, &buffer, buffer.count)
          guard count > 0 else {
            sources[index].fd = -1
            break
          }
          let bytes = Array(buffer[..<count])
          handler(index == 0 ? .output(bytes) : .error(bytes))
          guard hasEnded, Self.isReadable(sources[index].fd) else { break }
        }
      }
      if hasEnded { return }
    }
  }

  private static func isReadable(_ descriptor: Int32) -> Bool {
    var source = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&source, 1, 0) == 1 && source.revents & Int16(POLLIN) != 0
  }

  private func reap() -> ProcessEnd {
    isReaped.withLock { isReaped in
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      isReaped = true
      let signal = status & 0x7F
      return signal == 0 ? .code(Int(status >> 8 & 0xFF)) : .signal(Int(signal))
    }
  }
}

/// Runs the body on a thread of its own.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  // It reads and hands on; the usual 8 MiB are not needed.
  pthread_attr_setstacksize(&attributes, 1 << 19)
  let box = Unmanaged.passRetained(Box(body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread,
    &attributes,
    { pointer in
      if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
      return nil
    },
    box.toOpaque()
  )
  if code != 0 { box.release() }
  return code == 0
}
