import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// Where the things under test stand.
enum Project {
  /// The checkout, found from this file's own place.
  static let root: String = {
    var folder = LocalFiles.absolute(#filePath)
    while folder != "/", !LocalFiles.isFile("\(folder)/Package.swift") {
      folder = LocalFiles.parent(of: folder)
    }
    return folder
  }()

  /// The binary that was built together with these tests.
  static let binary: String = {
    let products = LocalFiles.parent(of: LocalFiles.absolute("/proc/self/exe"))
    return "\(products)/stackjob"
  }()

  static var isCI: Bool { getenv("CI") != nil }

  /// The search path of the children: what the project installed for itself comes first.
  static let path: String = {
    let outer = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return "\(root)/.tools/bin:\(outer)"
  }()
}
