#if canImport(Glibc)
  import Glibc
#endif

extension LocalFiles {
  /// Runs the body while no other process runs one under the same file.
  ///
  /// The kernel gives the right back when a holder dies, however it dies. The file stays: to remove it
  /// would let two processes hold two files of one name.
  package static func exclusively<Result, Failure: Error>(
    under path: String,
    orThrow wrap: (FileError) -> Failure,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw wrap(FileError("open", path)) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw wrap(FileError("lock", path)) }
    }
    return try body()
  }

  /// Runs the body unless another process runs one under the same file.
  package static func exclusivelyIfFree(under path: String, _ body: () -> Void) throws(FileError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return }
      guard errno == EINTR else { throw FileError("lock", path) }
    }
    body()
  }
}
