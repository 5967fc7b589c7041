import LocalFiles
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Keeps a cache folder below its limit.
final class CacheSweeper: Sendable {
  static let keyName = "key"
  /// A temporary file this old belongs to nobody: writing an entry takes moments.
  private static let abandonedAfter = 3600
  /// How exact the time of use is; to write it at each use would cost more than the reading.
  private static let exactness = 600

  private let folder: String
  private let limit: Int
  private let writes = Mutex(0)

  init(folder: String, limit: Int) {
    self.folder = folder
    self.limit = limit
  }

  /// Notes that an entry was of use just now.
  func use(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0, time(nil) - info.st_mtim.tv_sec > Self.exactness else { return }
    utimensat(AT_FDCWD, path, nil, 0)
  }

  /// Called after each write. Looks at the folder at the first one and then now and again: most runs
  /// write nothing.
  func wrote() {
    let isDue = writes.withLock {
      $0 += 1
      return $0 % 64 == 1
    }
    if isDue { sweep() }
  }

  func sweep() {
    guard let names = try? LocalFiles.list(folder) else { return }
    let now = time(nil)
    var entries: [(path: String, size: Int, used: Int)] = []
    for name in names where name != Self.keyName {
      let path = "\(folder)/\(name)"
      var info = stat()
      guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { continue }
      if name.hasSuffix(".tmp") {
        if now - info.st_mtim.tv_sec > Self.abandonedAfter { try? LocalFiles.remove(path) }
      } else {
        // What a file takes on disk is at least a block.
        entries.append((path, max(Int(info.st_size), 4096), info.st_mtim.tv_sec))
      }
    }
    var total = entries.reduce(0) { $0 + $1.size }
    guard total > limit else { return }
    // Somewhat below the limit, or the next write would find it reached again.
    let goal = limit / 10 * 9
    for entry in entries.sorted(by: { $0.used < $1.used }) where total > goal {
      try? LocalFiles.remove(entry.path)
      total -= entry.size
    }
  }
}
