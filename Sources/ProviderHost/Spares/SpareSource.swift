import LocalFiles
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A job's connection to the pool of its worker.
package final class SpareSource: Sendable {
  /// Nil once there is no pool any more.
  private let pool: Mutex<MessageSocket?>
  /// A pool answers at once or is in trouble.
  private static let patienceSeconds = 2

  init(_ pool: MessageSocket) {
    pool.setPatience(seconds: Self.patienceSeconds)
    self.pool = Mutex(pool)
  }

  /// The connection that the worker has given this process as its standard input, which is empty from then on.
  package static func fromStandardInput() -> SpareSource? {
    let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, nothing >= 0 else { return nil }
    dup2(nothing, STDIN_FILENO)
    close(nothing)
    return SpareSource(MessageSocket(descriptor: descriptor))
  }

  /// A started provider that nobody else has or will have; nil when there is none, for whatever reason. The pool
  /// starts another one for the next job.
  ///
  /// The launch's folder is replaced by that of the provider, with all that is in it: nothing may be at work there.
  func take(_ launch: ProviderLaunch) -> ProviderProcess? {
    guard let (description, link) = ask(SpareRequest(launch)),
      // What was checked a moment ago is what the spare was started from.
      let now = try? FileIdentity(of: launch.executable), now.runningText == description.executableStamp
    else { return nil }
    let process = ProviderProcess.taken(launch, description, link)
    guard (try? SpareFolder.move(description.folder, to: launch.workingDirectory)) != nil else {
      process?.kill()
      return nil
    }
    return process
  }

  private func ask(_ request: SpareRequest) -> (SpareDescription, MessageSocket)? {
    pool.withLock { pool in
      guard case .object(var question) = request.json else { return nil }
      question["taker"] = .int(Int(getpid()))
      guard let socket = pool, socket.send(.object(question)), let (answer, passed) = socket.receive() else {
        // A later answer would be taken for that to a later question.
        pool = nil
        return nil
      }
      guard let description = answer["spare"].flatMap(SpareDescription.init(json:)), let passed else {
        return nil
      }
      return (description, passed)
    }
  }
}
