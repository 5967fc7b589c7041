#if canImport(Glibc)
  import Glibc
#endif

enum User {
  /// Who runs this, for locks and decisions.
  static func name(_ environment: [String: String]) -> String {
    if let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name { return String(cString: name) }
    return environment["USER"] ?? "uid \(geteuid())"
  }
}

enum Version {
  static let text = "0.1.0"
}
