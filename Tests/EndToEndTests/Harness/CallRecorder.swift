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
    try await ScriptServer.run("call-recorder") { ready in
      try await body(CallRecorder(endpoint: try #require(ready["endpoint"]?.string)))
    }
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
