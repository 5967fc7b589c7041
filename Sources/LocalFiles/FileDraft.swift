#if canImport(Glibc)
  import Glibc
#endif

/// A file that is written piece by piece beside the place where it is to be, and is there whole or not at all.
package final class FileDraft {
  private let path: String
  /// Where it is until it is kept.
  package let temporary: String
  private let descriptor: Int32
  private var isOver = false
  package private(set) var size = 0

  package init(_ path: String, mode: UInt32 = 0o600) throws(FileError) {
    self.path = path
    temporary = LocalFiles.temporaryName(for: path)
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError("create", path) }
  }

  /// What was not kept leaves nothing behind.
  deinit {
    close(descriptor)
    if !isOver { unlink(temporary) }
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try LocalFiles.write(bytes, to: descriptor, path: path)
    size += bytes.count
  }

  /// Puts the file in its place: on disk for good when this returns.
  package func keep() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("write", path) }
    try LocalFiles.rename(temporary, to: path)
    isOver = true
    try LocalFiles.sync(folder: LocalFiles.parent(of: path))
  }
}
