import CurlHTTP
import LocalFiles
import StackModel
import Testing
import YAMLTree

@testable import JobSources

@Suite struct HTTPWireTests {
  private static let types: [(name: String, read: @Sendable (JSONValue) -> JSONValue?)] = [
    ("QueueState", { Wire.QueueState(json: $0)?.json }),
    ("ClaimRequest", { Wire.ClaimRequest(json: $0)?.json }),
    ("Control", { Wire.Control(json: $0)?.json }), ("Lease", { Wire.Lease(json: $0)?.json }),
    ("LeaseRequest", { Wire.LeaseRequest(json: $0)?.json }),
    ("LeaseReply", { Wire.LeaseReply(json: $0)?.json }),
    ("Artefact", { Wire.Artefact(json: $0)?.json }), ("Job", { QueuedJob(json: $0)?.json }),
    ("Claim", { Wire.Claim(json: $0)?.json }), ("ClaimReply", { Wire.ClaimReply(json: $0)?.json }),
    ("Report", { Wire.Report(json: $0)?.json }), ("Submission", { Wire.Submission(json: $0)?.json }),
    ("Request", { Wire.Request(json: $0)?.json }), ("JobPage", { Wire.JobPage(json: $0)?.json }),
    ("JobView", { Wire.JobView(json: $0)?.json }), ("Problem", { Wire.Problem(json: $0)?.json }),
  ]

  /// `docs/openapi.yaml`.
  private static func document() throws -> JSONValue {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(root)/docs/openapi.yaml"
    let (documents, problems) = YAMLReader.read(try LocalFiles.read(path), file: path)
    try #require(!problems.hasErrors, "\(problems)")
    return try #require(documents.first).json
  }

  @Test func `every example of the published description is read, and written as it was`() throws {
    let schemas = try #require(try Self.document()["components"]?["schemas"]?.object)
    var seen: Set<String> = []
    for (name, schema) in schemas {
      for example in schema["examples"]?.array ?? [] {
        let read = try #require(Self.types.first { $0.name == name }, "no type reads \(name)").read
        let written = try #require(read(example), "\(name): \(example.text()) is not read")
        if example.object?.isEmpty == false { #expect(written == example, "\(name)") }
        seen.insert(name)
      }
    }
    #expect(seen == Set(Self.types.map(\.name)))
  }

  @Test func `every member that the published description demands is missed`() throws {
    let schemas = try #require(try Self.document()["components"]?["schemas"]?.object)
    // What a server may leave out without being misunderstood.
    let lenient = ["ClaimRequest.protocol", "JobPage.next", "Job.status", "Job.attempts"]
    for (name, read) in Self.types {
      let schema = try #require(schemas[name])
      let example = try #require(schema["examples"]?[0]?.object)
      for required in schema["required"]?.array?.compactMap(\.string) ?? []
      where !lenient.contains("\(name).\(required)") {
        let rest = JSONObject(example.filter { $0.key != required }.map { ($0.key, $0.value) })
        #expect(read(.object(rest)) == nil, "\(name) without \(required)")
      }
    }
  }

  @Test(arguments: [
    ("attempts/1/result.md", true), ("plan/program/a.tf.json", true), ("plan.json", true), ("", false),
    ("/etc/passwd", false), ("plan/../../x", false), ("..", false), ("plan//x", false), ("plan/", false),
    ("./x", false), ("a b", false), ("a\u{0}b", false), ("ä", false),
    (String(repeating: "x", count: 301), false),
  ])
  func `a server gets to write below a job's folder, and nowhere else`(name: String, isLegal: Bool) {
    #expect(Wire.Artefact.isLegal(name) == isLegal)
    let json: JSONValue = ["name": .string(name), "size": 1, "sha256": "0"]
    #expect((Wire.Artefact(json: json) != nil) == isLegal)
  }

  private func judged(_ status: Int, _ body: String, retryAfter: String? = nil) -> String {
    let headers = retryAfter.map { ["retry-after": $0] } ?? [:]
    return
      switch QueueEndpoint.judge(HTTPCall.Reply(status: status, body: Array(body.utf8), headers: headers))
    {
    case .done: "done"
    case .refused: "refused"
    case .denied: "denied"
    case .unexplained(let status): "unexplained \(status)"
    case .later(_, let seconds): "later\(seconds.map { " \($0)" } ?? "")"
    }
  }

  @Test func `each status has its meaning`() {
    let problem = #"{"error": "no"}"#
    for status in [200, 201, 204] { #expect(judged(status, "") == "done") }
    for status in [401, 403] { #expect(judged(status, "") == "denied") }
    for status in [404, 409, 412, 413, 416, 422, 423] {
      #expect(judged(status, problem) == "refused")
      // Whoever says it without a reason is no server of jobs.
      #expect(judged(status, "<html>") == "unexplained \(status)")
    }
    for status in [408, 425, 429, 500, 502, 503, 504] {
      #expect(judged(status, problem) == "later")
      #expect(judged(status, "", retryAfter: "1.5") == "later 1.5")
    }
    for status in [301, 302, 307, 100] { #expect(judged(status, "") == "later") }
    #expect(judged(429, "", retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT") == "later")
  }

  @Test func `refusals without a reason are put up with for a while`() {
    func persists(_ patience: Double, _ answers: QueueEndpoint.Answer...) -> [Bool] {
      var refusals = UnexplainedRefusals(patience: patience)
      return answers.map { refusals.persist(with: $0) }
    }
    let unexplained = QueueEndpoint.judge(HTTPCall.Reply(status: 404, body: []))
    let good = QueueEndpoint.judge(HTTPCall.Reply(status: 200, body: []))
    let silence = QueueEndpoint.Answer.later("silence", seconds: nil)
    #expect(persists(-1, unexplained, good, silence, unexplained) == [true, false, false, true])
    #expect(persists(3600, unexplained, unexplained) == [false, false])
  }

  @Test func `pauses grow, have a longest, and are never less than was asked for`() {
    var backoff = Backoff(first: 0.2, longest: 3)
    #expect((0..<7).map { _ in backoff.next(chance: 1) } == [0.2, 0.4, 0.8, 1.6, 3, 3, 3])
    #expect(backoff.next(chance: 0) == 1.5)
    #expect(backoff.next(atLeast: 10, chance: 0) == 11.5)
    #expect(backoff.next(atLeast: -5, chance: 0) == 1.5)
    backoff.succeeded()
    #expect(backoff.next(chance: 1) == 0.2)
  }
}
