import Engines
import LocalFiles
import StackModel
import Testing

/// Lines that a real Pulumi 3.210 wrote, and lines after the documentation of newer ones.
struct PulumiMessageTests {
  private static let folder =
    "\(#filePath)".split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fixtures/pulumi/events"

  private func messages(_ recording: String) throws -> [PulumiMessage] {
    let text = try #require(LocalFiles.text("\(Self.folder)/\(recording).ndjson"))
    // At line feeds alone: others stand within texts.
    return text.unicodeScalars.split(separator: "\n").map {
      PulumiMessage(line: String($0), stream: "stdout")
    }
  }

  private func short(_ message: PulumiMessage) -> String? {
    switch message {
    case .event(.resourcePlanned(let change)): "plan \(change.action.rawValue) \(change.address)"
    case .event(.resourceStarted(let step)): "start \(step.action) \(step.address)"
    case .event(.resourceFinished(let step)): "finish \(step.action) \(step.address)"
    case .event(.resourceFailed(let step)): "fail \(step.action) \(step.address)"
    case .event(.diagnostic(let diagnostic)): "\(diagnostic.severity.rawValue) \(diagnostic.summary)"
    case .event(.log(_, let line)): "log \(line)"
    case .event: "other"
    case .summary(let summary):
      "summary \(summary.changes.add) \(summary.changes.change) \(summary.changes.remove)"
    case .ended: "ended"
    case .nothing: nil
    }
  }

  @Test func `a preview plans what it counts`() throws {
    let lines = try messages("preview-create").compactMap(short)
    let planned = lines.filter { $0.hasPrefix("plan create ") }
    #expect(planned.count == 8, "\(lines)")
    #expect(lines.suffix(2).first?.hasPrefix("summary ") == true && lines.last == "ended")
    #expect(!lines.contains { $0.hasPrefix("start") || $0.hasPrefix("finish") })
  }

  @Test func `an update starts and finishes each resource, and ends with the engine's count`() throws {
    let lines = try messages("up-create").compactMap(short)
    let started = lines.filter { $0.hasPrefix("start ") }.map { $0.dropFirst(6) }
    let finished = lines.filter { $0.hasPrefix("finish ") }.map { $0.dropFirst(7) }
    #expect(started.count == 8 && Set(started) == Set(finished), "\(lines)")
    #expect(lines.last == "ended")
  }

  @Test(arguments: ["up-sigint-once", "up-plugin-killed"])
  func `what goes wrong is told`(recording: String) throws {
    let lines = try messages(recording).compactMap(short)
    #expect(lines.contains { $0.hasPrefix("fail ") } && lines.contains { $0.hasPrefix("error ") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("summary ") } && lines.last == "ended")
  }

  @Test func `the summary says how it ended, where it does`() {
    let line = #"""
      {"sequence":9,"timestamp":1,"summaryEvent":{"maybeCorrupt":true,"durationSeconds":7,"resourceChanges":{"create":2,"replace":1,"same":4,"update":3,"delete":5},"PolicyPacks":{},"isPreview":false,"result":"canceled"}}
      """#
    guard case .summary(let summary) = PulumiMessage(line: line, stream: "stdout") else {
      Issue.record("no summary")
      return
    }
    #expect(summary.changes == ChangeSummary(add: 3, change: 3, remove: 6))
    #expect(summary.result == .canceled && summary.isDoubtful && summary.seconds == 7 && !summary.isPreview)
  }

  @Test(
    arguments: [
      (
        #"{"sequence":1,"timestamp":1,"laterEvent":{"a":1}}"#,
        #"log {"sequence":1,"timestamp":1,"laterEvent":{"a":1}}"#
      ),
      (#"{"sequence":1,"timestamp":1,"summaryEv"#, #"log {"sequence":1,"timestamp":1,"summaryEv"#),
      ("error: no stack named 'x' found", "log error: no stack named 'x' found"),
      (
        #"{"diagnosticEvent":{"message":"a\nb\n","severity":"error","urn":"urn:pulumi:s::p::t:m:T::n"}}"#,
        "error a"
      ),
      (#"{"diagnosticEvent":{"message":"x","severity":"strange"}}"#, "log x"),
      (#"{"diagnosticEvent":{"message":"x","severity":"debug"}}"#, nil),
      (#"{"diagnosticEvent":{"message":"\n","severity":"info","ephemeral":true}}"#, nil),
      (
        #"{"resourcePreEvent":{"metadata":{"op":"newer-op","urn":"urn:pulumi:s::p::a:b:C$d:e:F::my::name"}}}"#,
        "start newer-op my::name"
      ),
      (#"{"resourcePreEvent":{"metadata":{"op":"same","urn":"urn:pulumi:s::p::d:e:F::n"}}}"#, nil),
      (
        #"{"resOutputsEvent":{"metadata":{"op":"delete","urn":"urn:pulumi:s::p::a:b:C$d:e:F::a::b"}}}"#,
        "finish delete a::b"
      ),
      (#"{"resOutputsEvent":{"metadata":{"op":"delete","urn":"no urn"}}}"#, "finish delete no urn"),
      (
        #"{"resOutputsEvent":{"metadata":{"op":"create","urn":"urn:pulumi:s::p::pulumi:pulumi:Stack::s"}}}"#,
        nil
      ),
      (#"{"stdoutEvent":{"message":"a\u2028\r\n\u0085"}}"#, "log a"),
      (#"{"stdoutEvent":{"message":"a\r\nb\r\n\n"}}"#, "log a\r\nb"),
      (#"{"stdoutEvent":{"message":"é"}}"#, "log é"),
      (#"{"stdoutEvent":{"message":"a"},"x":tru}"#, #"log {"stdoutEvent":{"message":"a"},"x":tru}"#),
      (#"{"errorEvent":{"error":"broken"}}"#, "error broken"),
      (#"{"policyEvent":{"message":"no","enforcementLevel":"mandatory"}}"#, "error no"),
      (
        #"{"policyRemediationEvent":{"resourceUrn":"urn:pulumi:s::p::t:m:T::n","policyName":"tags","before":{},"after":{}}}"#,
        "warning The policy `tags` has changed the resource"
      ),
      (#"{"policyLoadEvent":{}}"#, nil),
      (#"{"policyAnalyzeSummaryEvent":{"policyPackName":"p","passed":["a"],"failed":[]}}"#, nil),
      (#"{"policyRemediateSummaryEvent":{"policyPackName":"p"}}"#, nil),
      (#"{"policyAnalyzeStackSummaryEvent":{"policyPackName":"p"}}"#, nil),
      (#"{"startDebuggingEvent":{"config":{}}}"#, nil),
      (
        #"{"progressEvent":{"type":"plugin-download","id":"1","message":"aws","received":1,"total":2,"done":false}}"#,
        nil
      ),
      ("", nil),
    ] as [(String, String?)]
  )
  func `every line means something or stays as it is`(line: String, expected: String?) {
    #expect(short(PulumiMessage(line: line, stream: "stderr")) == expected)
  }

  @Test func `a line may be as long as it likes`() {
    let text = String(repeating: "x", count: 4 << 20)
    let line = #"{"stdoutEvent":{"message":"\#(text)","color":"never"}}"#
    #expect(short(PulumiMessage(line: line, stream: "stdout")) == "log \(text)")
  }
}
