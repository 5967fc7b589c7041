package import StackModel
import Synchronization

/// Everything a short command wrote.
package struct ToolOutput: Sendable {
  package var exit: ToolExit
  /// With U+FFFD for what is not UTF-8.
  package var standardOutput: String
  package var standardError: String

  /// Runs a command whose output fits in memory, such as `version` or `show`.
  package static func collect(
    _ invocation: ToolInvocation,
    stop: StopSwitch = StopSwitch(),
    onStart: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws(ToolStartError) -> ToolOutput {
    let collected = Mutex((output: [UInt8](), error: [UInt8]()))
    let outcome = try await ToolRunner.run(invocation, stop: stop, onStart: onStart) { line in
      collected.withLock {
        switch line.stream {
        case .stdout: $0.output += line.line.bytes + [UInt8(ascii: "\n")]
        case .stderr: $0.error += line.line.bytes + [UInt8(ascii: "\n")]
        }
      }
    }
    return collected.withLock {
      ToolOutput(
        exit: outcome.exit,
        standardOutput: String(decoding: $0.output, as: UTF8.self),
        standardError: String(decoding: $0.error, as: UTF8.self)
      )
    }
  }
}
