#if canImport(Glibc)
  import Glibc
#endif

/// A call on a file that the system refused.
package struct FileError: Error, Hashable, CustomStringConvertible {
  /// What was tried, for example `write`.
  package var action: String
  package var path: String
  package var code: Int32

  package var description: String { "cannot \(action) \(path): \(reason)" }

  /// The system's own words, for example `No space left on device`.
  package var reason: String { String(cString: strerror(code)) }

  package var isMissing: Bool { code == ENOENT }
  package var alreadyExists: Bool { code == EEXIST }

  package init(_ action: String, _ path: String, code: Int32 = errno) {
    self.action = action
    self.path = path
    self.code = code
  }
}

/// Files on this machine. Every function says in its error what was tried on which path.
package enum LocalFiles {
  package static func read(_ path: String) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachChunk(of: path) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Reads a file of any size in pieces.
  package static func forEachChunk(
    of path: String,
    _ body: (ArraySlice<UInt8>) -> Void
  ) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("read", path) }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("read", path)
      }
      if count == 0 { return }
      body(buffer[..<count])
    }
  }

  /// The text of a file, or nil when there is none that can be read.
  package static func text(_ path: String) -> String? {
    (try? read(path)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Replaces a file so that a reader, a crash or a power cut sees the old bytes or the new ones and
  /// nothing between: written beside it, synced, renamed, the folder synced.
  ///
  /// - Parameters:
  ///   - mode: permissions; files of ours hold state and journals, so only their owner reads them.
  ///   - durably: false for what can be made again, which a power cut may take: nothing is synced.
  package static func replace(
    _ path: String,
    with bytes: [UInt8],
    mode: UInt32 = 0o600,
    durably: Bool = true
  ) throws(FileError) {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
    do throws(FileError) {
      try create(temporary, with: bytes, mode: mode, durably: durably)
      guard rename(temporary, path) == 0 else { throw FileError("write", path) }
    } catch {
      unlink(temporary)
      throw FileError("write", path, code: error.code)
    }
    if durably { try sync(folder: parent(of: path)) }
  }

  /// Writes a file that must not exist yet. Of several callers exactly one succeeds.
  ///
  /// - Parameter durably: false for scratch files, which a power cut may take.
  package static func create(
    _ path: String,
    with bytes: [UInt8],
    mode: UInt32 = 0o600,
    durably: Bool = true
  ) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError("create", path) }
    defer { close(descriptor) }
    do throws(FileError) {
      try write(bytes, to: descriptor, path: path)
      guard !durably || fsync(descriptor) == 0 else { throw FileError("write", path) }
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Writes all bytes, however few the system takes at a time.
  package static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path)
      }
      written += count
    }
  }

  /// Makes a folder and those above it that are missing.
  package static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
    if mkdir(path, mode) == 0 { return }
    switch errno {
    case EEXIST where isFolder(path): return
    case ENOENT where path.contains("/"):
      try makeFolder(parent(of: path), mode: mode)
      guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileError("create folder", path) }
    default: throw FileError("create folder", path)
    }
  }

  /// The names in a folder, sorted, without `.` and `..`.
  package static func list(_ path: String) throws(FileError) -> [String] {
    guard let folder = opendir(path) else { throw FileError("list", path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package static func isFolder(_ path: String) -> Bool { type(of: path) == S_IFDIR }

  package static func isFile(_ path: String) -> Bool { type(of: path) == S_IFREG }

  package static func exists(_ path: String) -> Bool { type(of: path) != nil }

  private static func type(of path: String) -> mode_t? {
    var info = stat()
    return stat(path, &info) == 0 ? info.st_mode & S_IFMT : nil
  }

  /// Removes a file; one that is not there is no error.
  package static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
  }

  /// Renames a file; false when it is not there any more or cannot be moved.
  package static func move(_ path: String, to other: String) -> Bool { rename(path, other) == 0 }

  /// Gives a file a second name; false when that name is taken.
  package static func link(_ path: String, to other: String) -> Bool { Glibc.link(path, other) == 0 }

  /// Removes a folder and all in it, following no links.
  package static func removeTree(_ path: String) throws(FileError) {
    var info = stat()
    guard lstat(path, &info) == 0 else {
      if errno == ENOENT { return }
      throw FileError("remove", path)
    }
    guard info.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
    for name in try list(path) { try removeTree("\(path)/\(name)") }
    guard rmdir(path) == 0 else { throw FileError("remove", path) }
  }

  package static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  /// The path without its last part.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part of a path.
  package static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The path from the root, with links resolved where it exists.
  package static func absolute(_ path: String) -> String {
    if let resolved = realpath(path, nil) {
      defer { free(resolved) }
      return String(cString: resolved)
    }
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return "\(String(cString: here))/\(path)"
  }

  private static func sync(folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("sync", folder) }
    defer { close(descriptor) }
    // Some file systems have no folder sync; the rename itself has happened.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError("sync", folder) }
  }
}
