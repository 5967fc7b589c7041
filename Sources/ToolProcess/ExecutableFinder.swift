#if canImport(Glibc)
  import Glibc
#endif

/// Finds programs the way a shell does.
package enum ExecutableFinder {
  /// The first executable file of that name in a `PATH`, as an absolute path; a name with a slash is
  /// taken as it is.
  package static func find(_ name: String, path: String) -> String? {
    if name.contains("/") { return isExecutable(name) ? name : nil }
    return path.split(separator: ":").lazy
      .filter { $0.hasPrefix("/") }
      .map { "\($0)/\(name)" }
      .first(where: isExecutable)
  }

  private static func isExecutable(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }
}
