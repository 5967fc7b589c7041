import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// Held by the one process that carries a run out. The kernel gives it back when the holder dies, however it dies.
package final class RunLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// - Returns: nil when another process holds it.
  static func take(_ path: String) throws(FileError) -> RunLock? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("open", path) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      close(descriptor)
      guard code == EWOULDBLOCK else { throw FileError("lock", path, code: code) }
      return nil
    }
    return RunLock(descriptor: descriptor)
  }
}
