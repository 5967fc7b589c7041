import LocalFiles
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A process that keeps one started provider until somebody takes it, and ends it when nobody needs it any more.
///
/// The kernel kills a provider with the process that started it. A worker may die while a job goes on that has taken
/// one, so neither of them is that process.
package enum SpareGuard {
  /// Lives the guard's whole life.
  ///
  /// - Parameters:
  ///   - connection: to the pool: a request comes in, a description goes out, later whoever takes the provider comes in.
  ///     Its end is the pool's.
  ///   - parent: where the spare's folder goes.
  package static func run(connection: Int32, folder parent: String) async {
    let pool = MessageSocket(descriptor: connection)
    defer { pool.hangUp() }
    guard let (message, _) = pool.receive(), let request = SpareRequest(json: message),
      let seconds = message["seconds"]?.int
    else { return }
    do {
      let folder = try SpareFolder(in: parent)
      defer { folder.remove() }
      let sockets = try SocketFolder(in: folder.path)
      defer { sockets.remove() }
      let stamp = try FileIdentity(of: request.executable)
      let process = try await ProviderProcess.start(
        request.launch(in: folder.workingDirectory),
        socketFolder: sockets.path
      )
      let description = SpareDescription(
        pid: process.pid,
        handshake: process.handshake,
        folder: folder.workingDirectory,
        executableStamp: stamp.runningText
      )
      pool.send(["spare": description.json])
      let taker = Taker()
      let isWatched = startThread {
        watch(pool, taker, seconds: seconds)
        process.kill()
      }
      if !isWatched { process.kill() }
      let end = await process.ended()
      taker.tell(["end": end.json, "words": .string(String(process.lastWords.suffix(32 << 10)))])
    } catch {
      pool.send(["failed": .string("\(error)")])
    }
  }

  /// Returns when nobody needs the provider any more.
  private static func watch(_ pool: MessageSocket, _ taker: Taker, seconds: Int) {
    var source = pollfd(fd: pool.descriptor, events: Int16(POLLIN), revents: 0)
    var found: Int32 = -1
    repeat { found = poll(&source, 1, Int32(seconds * 1000)) } while found < 0 && errno == EINTR
    guard found > 0, let (_, passed) = pool.receive(), let passed else { return }
    taker.come(passed)
    // It says nothing until it is done.
    while passed.receive() != nil {}
  }
}

/// Who has taken the provider, once somebody has.
private final class Taker: Sendable {
  private let socket = Mutex<MessageSocket?>(nil)

  func come(_ socket: MessageSocket) { self.socket.withLock { $0 = socket } }

  func tell(_ last: JSONValue) {
    socket.withLock { socket in
      socket?.send(last)
      socket?.hangUp()
    }
  }
}
