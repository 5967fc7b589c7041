import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// A folder for sockets that only we may enter: what goes through them is in the clear.
struct SocketFolder: Sendable {
  /// The longest path that a Unix socket can have.
  private static let pathLimit = 107
  /// What Go names a temporary file: `plugin` and up to ten digits.
  private static let longestName = "/plugin4294967295"

  let path: String

  /// - Parameter parent: where the folder goes. When that lies too deep for a socket, it goes to `/tmp`.
  init(in parent: String) throws(HostFailure) {
    let name = "/stackjob-XXXXXX"
    let isShort = parent.utf8.count + name.utf8.count + Self.longestName.utf8.count <= Self.pathLimit
    var template = Array("\(isShort ? parent : "/tmp")\(name)".utf8CString)
    guard mkdtemp(&template) != nil else { throw .file(FileError("create folder", parent)) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func remove() { try? LocalFiles.removeTree(path) }
}
