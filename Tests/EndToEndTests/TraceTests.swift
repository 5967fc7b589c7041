import LocalFiles
import StackModel
import Testing
import ToolProcess

/// What a worker tells a collector of traces.
@Suite(.needsTools, .timeLimit(.minutes(10))) struct TraceTests {
  private static let manifest = "\(Project.root)/templates/MicroserviceKubernetes/examples/minimal.yaml"

  private func submit(_ stackjob: Product, _ id: String, _ more: String...) async throws {
    let arguments = [
      "submit", "--queue", "queue", "--operation", "update", "--id", id, "--sandbox", "--image", "a/b:1",
    ]
    expect(try await stackjob.run(arguments + more + [Self.manifest]), .done)
  }

  private func work(_ stackjob: Product, _ environment: [String: String]) async throws -> Product.Result {
    let result = try await stackjob("worker", "--queue", "queue", "--until-empty", environment: environment)
    expect(result, .done)
    return result
  }

  private func environment(_ collector: CallRecorder) -> [String: String] {
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50",
      "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a%20b", "OTEL_SERVICE_NAME": "jobs-eu",
      "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
    ]
  }

  private struct Found {
    var json: JSONValue
    func id(_ key: String) -> String? { json[key]?.string }
    func attribute(_ key: String) -> String? {
      let value = json["attributes"]?.array?.first { $0["key"]?.string == key }?["value"]
      return value?["stringValue"]?.string ?? value?["intValue"]?.string
        ?? value?["boolValue"]?.bool.map(String.init)
    }
  }

  private func spans(_ collector: CallRecorder) throws -> [Found] {
    try collector.calls().filter { $0.status == 200 }.flatMap { call in
      try call.document()["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"]?.array ?? []
    }.map(Found.init)
  }

  @Test func `a job that two workers run is one trace`() async throws {
    try await CallRecorder.run { collector in
      try await Product.run { stackjob in
        let environment = environment(collector)
        try await submit(stackjob, "web", "--approve-first")
        _ = try await work(stackjob, environment)
        let shown = try await stackjob("job", "show", "--queue", "queue", "web").document()
        let digest = try #require(shown["digest"]?.string)
        expect(try await stackjob("approve", "--queue", "queue", "web", "--digest", digest), .done)
        _ = try await work(stackjob, environment)

        let call = try #require(try collector.calls().first)
        #expect(call.path == "/v1/traces")
        #expect(call.headers["content-type"]?.string == "application/json")
        #expect(call.headers["x-tenant"]?.string == "a b")
        let resource = try call.document()["resourceSpans"]?[0]?["resource"]?.text() ?? ""
        #expect(resource.contains("jobs-eu") && resource.contains("deployment.environment.name"))

        let spans = try spans(collector)
        #expect(Set(spans.map { $0.id("traceId") }).count == 1)
        #expect(spans[0].id("traceId")?.utf8.count == 32 && spans[0].id("spanId")?.utf8.count == 16)
        #expect(Set(spans.map { $0.id("spanId") }).count == spans.count)
        let root = try #require(spans.first { $0.id("parentSpanId") == nil })
        #expect(root.id("name") == "job update")
        #expect(root.attribute("cicd.pipeline.run.id") == "web")
        #expect(root.attribute("stackjob.result") == "succeeded" && root.json["status"]?["code"]?.int == 1)
        let attempts = spans.filter { $0.id("parentSpanId") == root.id("spanId") }
        #expect(attempts.map { $0.attribute("stackjob.attempt") } == ["1", "2"])
        #expect(attempts.map { $0.attribute("stackjob.step") } == ["plan", "apply-plan"])
        let phases = attempts.map { attempt in
          spans.filter { $0.id("parentSpanId") == attempt.id("spanId") }.compactMap { $0.id("name") }
        }
        #expect(phases[0].contains("preview") && !phases[0].contains("update"))
        #expect(phases[1].contains("update"))
        for span in spans {
          let start = try #require(span.id("startTimeUnixNano").flatMap { Int($0) })
          let end = try #require(span.id("endTimeUnixNano").flatMap { Int($0) })
          #expect(start > 1_700_000_000_000_000_000 && start <= end)
        }
      }
    }
  }

  @Test func `a job that fails says so, without its secrets`() async throws {
    try await CallRecorder.run { collector in
      try await Product.run { stackjob in
        let fault = #"[{"do":"fail","type":"kubernetes_deployment_v1","summary":"refused: hunter2-secret"}]"#
        var environment = environment(collector)
        environment["STACKJOB_SANDBOX_FAULTS"] = fault
        environment["PASSWORD"] = "hunter2-secret"
        _ = try stackjob.file("user/.config/stackjob/settings.yaml", "maskEnv: [PASSWORD]\n")
        try await submit(stackjob, "web")
        _ = try await work(stackjob, environment)
        let spans = try spans(collector)
        let root = try #require(spans.first { $0.id("parentSpanId") == nil })
        #expect(root.attribute("error.type") == "failed" && root.json["status"]?["code"]?.int == 2)
        let bodies = try collector.calls().map(\.body)
        let codes = spans.map { span in "\(span.id("name") ?? "") \(span.json["status"]?["code"]?.int ?? 0)" }
        #expect(Set(codes) == ["job update 2", "attempt 2", "prepare 1", "init 1", "preview 1", "update 2"])
        #expect(!bodies.contains { $0.contains("hunter2") })
      }
    }
  }

  @Test func `a collector that is away for a while gets all of it`() async throws {
    try await CallRecorder.run { collector in
      try await Product.run { stackjob in
        try collector.answer(["status": 503, "times": 1], ["status": 0, "times": 1])
        try await submit(stackjob, "web")
        _ = try await work(stackjob, environment(collector))
        let names = try spans(collector).compactMap { $0.id("name") }
        #expect(names.contains("job update") && names.contains("attempt"), "\(names)")
      }
    }
  }

  @Test func `a collector that never answers neither delays nor fails a job`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "web")
      let result = try await work(
        stackjob,
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_SCHEDULE_DELAY": "10"]
      )
      #expect(result.stderr.contains("traces cannot be sent"), "\(result.stderr)")
      #expect(result.stderr.contains("spans were not sent"), "\(result.stderr)")
      let job = try await stackjob("job", "show", "--queue", "queue", "web").document()
      #expect(job["result"]?.string == "succeeded")
    }
  }
}
