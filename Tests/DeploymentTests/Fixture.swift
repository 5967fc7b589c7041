import LocalFiles
import Testing

#if canImport(Glibc)
  import Glibc
#endif

enum Fixture {
  static let root = LocalFiles.parent(of: LocalFiles.parent(of: LocalFiles.parent(of: #filePath)))

  static let updatesGolden = getenv("STACKJOB_UPDATE_GOLDEN").map { String(cString: $0) } == "1"

  /// Gives a test a folder that is gone after it.
  static func inFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = "/tmp/stackjob-deployment-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    return try await body(LocalFiles.absolute(folder))
  }

  static func write(_ path: String, _ text: String) throws {
    try LocalFiles.makeFolder(LocalFiles.parent(of: path))
    try LocalFiles.replace(path, with: Array(text.utf8), mode: 0o644, durably: false)
  }

  /// Holds a text against the golden file, whole. `STACKJOB_UPDATE_GOLDEN=1` writes the file instead.
  static func expect(_ actual: String, toBe path: String) throws {
    if updatesGolden { try write(path, actual) }
    let golden = try #require(LocalFiles.text(path), "there is no \(path)")
    #expect(golden == actual, "\(path) differs; STACKJOB_UPDATE_GOLDEN=1 writes it anew")
  }
}
