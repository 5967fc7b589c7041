#if canImport(Glibc)
  import Glibc
#endif

/// A file that is only ever added to. What finds no room on the disk is kept, and written before anything that comes
/// after it: the file has no gap.
package struct GrowingFile: Sendable {
  private let descriptor: Int32
  private let path: String
  private var pending: [UInt8] = []
  /// How many bytes are kept. Beyond that the file ends where it ends.
  private let limit: Int
  private var isAbandoned = false
  /// Why not all of it is in the file; nil when it is.
  package private(set) var failure: FileError?

  package init(descriptor: Int32, path: String, limit: Int = 64 << 20) {
    self.descriptor = descriptor
    self.path = path
    self.limit = limit
  }

  package mutating func append(_ bytes: [UInt8]) {
    guard !isAbandoned else { return }
    if pending.isEmpty {
      let written = write(bytes)
      if written < bytes.count { pending = Array(bytes[written...]) }
    } else {
      pending += bytes
      flush()
    }
    guard pending.count > limit || failure.map({ !$0.mayPass }) ?? false else { return }
    isAbandoned = true
    pending = []
  }

  /// Tries once more to write what is left.
  package mutating func flush() {
    guard !pending.isEmpty else { return }
    pending.removeFirst(write(pending))
  }

  /// - Returns: how many bytes are in the file.
  private mutating func write(_ bytes: [UInt8]) -> Int {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        failure = FileError("write", path)
        return written
      }
      written += count
    }
    failure = nil
    return written
  }
}

extension FileError {
  /// Whether somebody may make room, or let us write again.
  package var mayPass: Bool { [ENOSPC, EDQUOT, EFBIG, EROFS].contains(code) }
}
