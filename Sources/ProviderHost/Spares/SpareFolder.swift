import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// A spare's own folder below the state home, held by a lock while its guard lives.
///
/// It has to be on the file system of the jobs' workspaces: the provider's working directory becomes one.
final class SpareFolder: Sendable {
  let path: String
  private let lock: Int32

  /// - Parameter parent: made where it is missing.
  init(in parent: String) throws(FileError) {
    try LocalFiles.makeFolder(parent)
    var template = Array("\(parent)/XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError("create folder", parent) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw FileError("lock", path) }
    try LocalFiles.makeFolder(workingDirectory)
  }

  deinit { close(lock) }

  var workingDirectory: String { "\(path)/work" }

  func remove() { try? LocalFiles.removeTree(path) }

  /// Removes what guards left that were killed.
  static func sweep(_ parent: String) {
    for name in (try? LocalFiles.list(parent)) ?? [] {
      let descriptor = open("\(parent)/\(name)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? LocalFiles.removeTree("\(parent)/\(name)") }
      close(descriptor)
    }
  }

  /// Puts a folder that a process works in, and that is empty, in the place of another with all that is in that: the
  /// process then sees what it would have seen had it been started there.
  ///
  /// Nothing may be at work in `place`. On an error everything is where it was.
  static func move(_ folder: String, to place: String) throws(FileError) {
    var moved: [String] = []
    do throws(FileError) {
      for name in try LocalFiles.list(place) {
        try LocalFiles.rename("\(place)/\(name)", to: "\(folder)/\(name)")
        moved.append(name)
      }
      // The place is an empty folder now, which a rename may replace.
      try LocalFiles.rename(folder, to: place)
    } catch {
      for name in moved { try LocalFiles.rename("\(folder)/\(name)", to: "\(place)/\(name)") }
      throw error
    }
  }
}
