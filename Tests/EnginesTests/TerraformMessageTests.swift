import Engines
import StackModel
import Testing

@Suite struct TerraformMessageTests {
  private func decoded(_ line: String) -> JSONValue? {
    guard case .event(let body) = TerraformMessage(line: line, stream: "stdout"),
      let stack = StackID("o/e/K/n")
    else { return nil }
    return JobEvent(seq: 1, time: Timestamp(milliseconds: 0), job: "j", stack: stack, body: body).json
  }

  @Test func `a resource's progress carries its seconds`() throws {
    let event = try #require(
      decoded(
        #"{"type":"apply_progress","hook":{"resource":{"addr":"a.b"},"action":"create","elapsed_seconds":20}}"#
      )
    )
    #expect(event["type"] == "resource.progress")
    #expect(event["address"] == "a.b")
    #expect(event["action"] == "create")
    #expect(event["seconds"] == 20)
  }

  @Test(
    arguments: [
      ("apply_start", "resource.started"), ("apply_complete", "resource.finished"),
      ("apply_errored", "resource.failed"), ("refresh_start", "resource.started"),
      ("refresh_complete", "resource.finished"), ("ephemeral_op_start", "resource.started"),
    ])
  func `hooks become resource events`(type: String, expected: String) throws {
    let line = #"{"type":"\#(type)","hook":{"resource":{"addr":"a.b"},"id_value":"i-1"}}"#
    let event = try #require(decoded(line))
    #expect(event["type"]?.string == expected)
    #expect(event["id"] == "i-1")
  }

  @Test func `a diagnostic keeps its snippet and what it refers to`() throws {
    let line = """
      {"type":"diagnostic","diagnostic":{"severity":"error","summary":"S","detail":"D","address":"a.b",\
      "range":{"filename":"main.tf","start":{"line":3,"column":1}},"snippet":{"code":"x = var.y.z","start_line":3,\
      "values":[{"traversal":"var.y.z","statement":"is 1"}]}}}
      """
    guard case .event(.diagnostic(let diagnostic)) = TerraformMessage(line: line, stream: "stdout") else {
      Issue.record("no diagnostic")
      return
    }
    #expect(diagnostic.snippet == .init(file: "main.tf", line: 3, code: "x = var.y.z"))
    #expect(diagnostic.references == ["var.y.z"])
    #expect(diagnostic.address == "a.b")
  }

  @Test func `what is not known or not JSON is kept as a log line`() throws {
    #expect(decoded(#"{"type":"new_thing","@message":"hello"}"#)?["line"] == "hello")
    #expect(decoded("plain text")?["line"] == "plain text")
    #expect(decoded(#"{"broken"#)?["line"] == #"{"broken"#)
    #expect(decoded(#"{"type":"diagnostic","@message":"no body"}"#)?["line"] == "no body")
  }

  @Test func `plan outputs are counted and apply outputs are read`() throws {
    let planned = #"{"type":"outputs","outputs":{"a":{"action":"create"},"b":{"action":"noop"}}}"#
    guard case .outputChanges(1) = TerraformMessage(line: planned, stream: "stdout") else {
      Issue.record("not counted")
      return
    }
    let applied =
      #"{"type":"outputs","outputs":{"a":{"sensitive":false,"value":[1]},"b":{"sensitive":true}}}"#
    guard case .outputs(let outputs) = TerraformMessage(line: applied, stream: "stdout") else {
      Issue.record("not read")
      return
    }
    #expect(
      outputs == [
        StackOutput(name: "a", value: [1], isSensitive: false),
        StackOutput(name: "b", value: .null, isSensitive: true),
      ]
    )
  }

  @Test func `the summaries of plan and apply are told apart`() {
    let line =
      #"{"type":"change_summary","changes":{"add":1,"change":2,"remove":3,"import":4,"operation":"plan"}}"#
    guard case .summary(let summary, "plan") = TerraformMessage(line: line, stream: "stdout") else {
      Issue.record("no summary")
      return
    }
    #expect(summary == ChangeSummary(add: 1, change: 2, remove: 3, import: 4))
  }

  @Test(
    arguments: [
      ("Error acquiring the state lock", "", .locked),
      ("No valid credential sources found", "", .credentials),
      ("creating ECS Cluster", "api error UnrecognizedClientException: no", .credentials),
      ("Failed to query available provider packages", "", .noProvider),
      ("Failed to get existing workspaces", "connection refused", .unavailable),
      ("creating ECS Service", "InvalidParameterException", .operation),
    ] as [(String, String, FailureKind)]
  )
  func `failures are told apart by what the engine says`(summary: String, detail: String, kind: FailureKind) {
    let other = EngineDiagnostic(severity: .warning, summary: "Error acquiring the state lock", detail: "")
    let diagnostic = EngineDiagnostic(severity: .error, summary: summary, detail: detail)
    #expect(FailureKind(of: [other, diagnostic]) == kind)
  }
}
