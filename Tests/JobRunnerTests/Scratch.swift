import LocalFiles
import StackModel

/// A state home that is gone after the test.
func withScratch<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let path = "/tmp/stackjob-runner-\(UInt64.random(in: 0 ... .max))"
  try LocalFiles.makeFolder(path)
  defer { try? LocalFiles.removeTree(path) }
  return try await body(path)
}

/// A stack to work on.
func someStack() throws -> StackID {
  guard let stack = StackID("acme/dev/Sample/web") else { throw TestSetupError() }
  return stack
}

struct TestSetupError: Error {}
