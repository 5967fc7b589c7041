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
  /// Nobody reads the other end any more.
  package var isBrokenPipe: Bool { code == EPIPE }

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

  /// Reads a part of a file; shorter than asked for where the file ends.
  package static func read(_ path: String, from offset: Int, atMost count: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("read", path) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw FileError("read", path) }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes.prefix(filled))
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
    let temporary = temporaryName(for: path)
    do throws(FileError) {
      try create(temporary, with: bytes, mode: mode, durably: durably)
      guard Glibc.rename(temporary, path) == 0 else { throw FileError("write", path) }
    } catch {
      unlink(temporary)
      throw FileError("write", path, code: error.code)
    }
    if durably { try sync(folder: parent(of: path)) }
  }

  /// Writes a file that must not exist yet, whole or not at all: nobody ever sees it without its
  /// bytes. Of several callers exactly one succeeds. When this returns it is on disk for good.
  package static func add(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
    let temporary = temporaryName(for: path)
    do throws(FileError) {
      try create(temporary, with: bytes, mode: mode)
      try give(temporary, theName: path)
    } catch {
      unlink(temporary)
      throw FileError("create", path, code: error.code)
    }
    unlink(temporary)
    try sync(folder: parent(of: path))
  }

  /// Unlike a rename, a link never takes the place of what is there. A file system that has no links
  /// gets a look before the rename, which is less.
  private static func give(_ temporary: String, theName path: String) throws(FileError) {
    if Glibc.link(temporary, path) == 0 { return }
    let code = errno
    guard [EPERM, ENOTSUP, ENOSYS].contains(code), !exists(path) else {
      throw FileError("create", path, code: code)
    }
    guard Glibc.rename(temporary, path) == 0 else { throw FileError("create", path) }
  }

  /// Gives a file a second name, in place of what has it now; where the file system has no links, a copy.
  package static func link(_ path: String, as name: String, mode: UInt32) throws(FileError) {
    let temporary = temporaryName(for: name)
    guard Glibc.link(path, temporary) == 0 else {
      return try replace(name, with: try read(path), mode: mode, durably: false)
    }
    try rename(temporary, to: name)
    // Of two names for one file already, a rename leaves both.
    unlink(temporary)
  }

  /// Gives a file or folder another name in one step.
  package static func rename(_ path: String, to name: String) throws(FileError) {
    guard Glibc.rename(path, name) == 0 else { throw FileError("rename", path) }
  }

  static func temporaryName(for path: String) -> String {
    "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
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
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(FileError) in try write(buffer, to: descriptor, path: path) }
    }
    try result.get()
  }

  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          // A terminal or pipe that another program, which shares it, has made non-blocking.
          var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&request, 1, -1)
          continue
        }
        throw FileError("write", path)
      }
      written += count
    }
  }

  /// Makes a folder and those above it that are missing.
  ///
  /// - Parameter durably: true for a folder whose files must survive a power cut: a synced file in a
  ///   folder that is not in its parent is lost with it.
  package static func makeFolder(
    _ path: String,
    mode: UInt32 = 0o700,
    durably: Bool = false
  ) throws(FileError) {
    if mkdir(path, mode) != 0 {
      switch errno {
      case EEXIST where isFolder(path): return
      case ENOENT where path.contains("/"):
        try makeFolder(parent(of: path), mode: mode, durably: durably)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileError("create folder", path) }
      default: throw FileError("create folder", path)
      }
    }
    if durably { try sync(folder: parent(of: path)) }
  }

  /// The names in a folder, sorted, without `.` and `..`. All of them, or an error.
  package static func list(_ path: String) throws(FileError) -> [String] {
    guard let folder = opendir(path) else { throw FileError("list", path) }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      // The end and a failure both come as nil; only the error number tells them apart.
      errno = 0
      guard let entry = readdir(folder) else {
        guard errno == 0 else { throw FileError("list", path) }
        break
      }
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

  /// In bytes; nil when there is no such file.
  package static func size(of path: String) -> Int? {
    var status = stat()
    return lstat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Changes whenever the file is replaced or written to; nil when there is none.
  package static func identity(of path: String) -> String? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    return "\(info.st_dev):\(info.st_ino):\(info.st_size):\(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec)"
  }

  /// How long ago a file's bytes or a folder's entries last changed; nil when there is none.
  package static func secondsSinceChange(of path: String) -> Int? {
    var info = stat()
    return stat(path, &info) == 0 ? time(nil) - info.st_mtim.tv_sec : nil
  }

  /// Removes a file; one that is not there is no error.
  package static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
  }

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
    return rooted(path)
  }

  /// The path from the root, with links left as they are.
  package static func rooted(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return "\(String(cString: here))/\(path)"
  }

  static func sync(folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("sync", folder) }
    defer { close(descriptor) }
    // Some file systems have no folder sync; the rename itself has happened.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError("sync", folder) }
  }
}
