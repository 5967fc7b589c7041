import StackModel
import Testing
import ToolProcess

/// A server of `scripts/` that runs for as long as a test needs it.
struct ScriptServer: Sendable {
  /// What it said once it listened.
  let ready: JSONValue
  private let stop: StopSwitch
  private let process: Task<Void, any Error>

  /// Starts it, and waits for its first line of JSON.
  ///
  /// - Parameter onLine: gets each further one.
  static func start(
    _ script: String,
    _ arguments: [String] = [],
    onLine: @escaping @Sendable (JSONValue) -> Void = { _ in }
  ) async throws -> ScriptServer {
    let stop = StopSwitch()
    let (lines, continuation) = AsyncStream<JSONValue>.makeStream()
    let process = Task {
      defer { continuation.finish() }
      _ = try await ToolRunner.run(
        ToolInvocation(
          tool: script,
          version: "",
          executable: "\(Project.root)/scripts/\(script)",
          arguments: arguments,
          environment: ["PATH": Project.path, "HOME": "/tmp"],
          workingDirectory: Project.root
        ),
        stop: stop,
        onLine: { line in
          guard line.stream == .stdout, let json = try? JSONValue(parsing: line.line.text) else { return }
          continuation.yield(json)
          onLine(json)
        }
      )
    }
    var iterator = lines.makeAsyncIterator()
    let ready = try #require(await iterator.next(), "scripts/\(script) did not start")
    return ScriptServer(ready: ready, stop: stop, process: process)
  }

  /// Starts it, runs the test, ends it.
  static func run(
    _ script: String,
    _ arguments: [String] = [],
    onLine: @escaping @Sendable (JSONValue) -> Void = { _ in },
    body: (JSONValue) async throws -> Void
  ) async throws {
    let server = try await start(script, arguments, onLine: onLine)
    let result: Result<Void, any Error>
    do { result = .success(try await body(server.ready)) } catch { result = .failure(error) }
    await server.end()
    try result.get()
  }

  func end() async {
    stop.force()
    _ = try? await process.value
  }
}
