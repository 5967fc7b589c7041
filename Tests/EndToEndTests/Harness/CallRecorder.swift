import CurlHTTP
import StackModel
import Testing
import ToolProcess

/// Takes the calls that a product makes, `scripts/call-recorder`.
struct CallRecorder: Sendable {
  let endpoint: String

  struct Call: Sendable {
    var path: String
    var headers: JSONValue
    var body: String
    /// What it was answered with; 0 for not at all.
    var status: Int

    func document() throws -> JSONValue { try JSONValue(parsing: body) }
  }

  /// Starts it, runs the test, ends it.
  static func run(body: (CallRecorder) async throws -> Void) async throws {
    let stop = StopSwitch()
    let (ready, continuation) = AsyncStream<JSONValue>.makeStream()
    let server = Task {
      defer { continuation.finish() }
      _ = try await ToolRunner.run(
        ToolInvocation(
          tool: "call-recorder",
          version: "",
          executable: "\(Project.root)/scripts/call-recorder",
          arguments: [],
          environment: ["PATH": Project.path, "HOME": "/tmp"],
          workingDirectory: Project.root
        ),
        stop: stop,
        onLine: { line in
          guard line.stream == .stdout, let json = try? JSONValue(parsing: line.line.text) else { return }
          continuation.yield(json)
        }
      )
    }
    var iterator = ready.makeAsyncIterator()
    let first = await iterator.next()
    let endpoint = try #require(first?["endpoint"]?.string, "the recorder did not start")
    let result: Result<Void, any Error>
    do { result = .success(try await body(CallRecorder(endpoint: endpoint))) } catch {
      result = .failure(error)
    }
    stop.force()
    _ = try? await server.value
    try result.get()
  }

  func answer(_ answers: JSONValue...) throws { _ = try ask("POST", "answers", .array(answers)) }

  func calls() throws -> [Call] {
    try (ask("GET", "calls").array ?? []).map { call in
      Call(
        path: call["path"]?.string ?? "",
        headers: call["headers"] ?? [:],
        body: call["body"]?.string ?? "",
        status: call["status"]?.int ?? 0
      )
    }
  }

  private func ask(_ method: String, _ route: String, _ body: JSONValue? = nil) throws -> JSONValue {
    let reply = try HTTPCall(
      url: "\(endpoint)/stackjob-test/\(route)",
      method: method,
      body: body?.text(),
      usesProxy: false
    ).perform()
    try #require(reply.status == 200)
    return try JSONValue(parsing: reply.body)
  }
}
