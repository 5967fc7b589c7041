import LocalFiles

/// A folder that lives as long as one test.
enum Scratch {
  static func folder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = "/tmp/stackjob-host-\(UInt32.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    return try await body(folder)
  }
}
