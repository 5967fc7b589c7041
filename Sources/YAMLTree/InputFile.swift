package import StackModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads whole files with a size limit, and says in a sentence why one cannot be read.
package enum InputFile {
  package struct Problem: Error {
    package var diagnostic: Diagnostic
  }

  /// `-` is standard input.
  package static func displayName(_ path: String) -> String { path == "-" ? "<stdin>" : path }

  /// The bytes of a file. A file that is larger than the limit is not read.
  package static func load(_ path: String, limit: Int) -> Result<[UInt8], Problem> {
    let name = displayName(path)
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(Problem(diagnostic: cannotOpen(name, errno))) }
    defer { if descriptor != 0 { close(descriptor) } }

    var status = stat()
    var expected = 0
    if fstat(descriptor, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        return .failure(Problem(diagnostic: cannotOpen(name, EISDIR)))
      }
      if status.st_mode & S_IFMT == S_IFREG { expected = Int(status.st_size) }
    }
    if expected > limit { return .failure(Problem(diagnostic: tooLarge(name, limit: limit))) }

    // One byte more than expected shows the end of the file without a second allocation. Pipes have no
    // size, so the buffer grows, and one byte over the limit is enough to refuse.
    var bytes: [UInt8] = []
    var room = expected > 0 ? expected + 1 : 64 << 10
    while true {
      room = min(room, limit + 1 - bytes.count)
      guard room > 0 else { return .failure(Problem(diagnostic: tooLarge(name, limit: limit))) }
      var failure: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        var got = read(descriptor, buffer.baseAddress, room)
        while got < 0, errno == EINTR { got = read(descriptor, buffer.baseAddress, room) }
        if got < 0 { failure = errno }
        count = max(got, 0)
      }
      if failure != 0 { return .failure(Problem(diagnostic: cannotOpen(name, failure))) }
      if chunk.isEmpty { return .success(bytes) }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      room = 64 << 10
    }
  }

  static func tooLarge(_ name: String, limit: Int) -> Diagnostic {
    .error(
      "file.too-large",
      "the file is larger than \(size(limit))",
      at: SourceLocation(file: name),
      hint: "a manifest is a few kilobytes; check that this is the right file"
    )
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
  }

  private static func cannotOpen(_ name: String, _ code: Int32) -> Diagnostic {
    let place = SourceLocation(file: name)
    return switch code {
    case ENOENT, ENOTDIR: .error("file.missing", "there is no such file", at: place)
    case EACCES, EPERM:
      .error(
        "file.permission",
        "permission to read the file is denied",
        at: place,
        hint: "check the file's owner and mode, and those of the directories above it"
      )
    case EISDIR: .error("file.directory", "this is a directory, not a file", at: place)
    default:
      .error("file.unreadable", "the file cannot be read: \(String(cString: strerror(code)))", at: place)
    }
  }
}
