import StackModel
import Testing

@testable import Traces

@Suite struct TracesTests {
  @Test(
    arguments: [
      ([:], nil),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"], "http://c:4318/v1/traces"),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/otlp/"], "http://c:4318/otlp/v1/traces"),
      (
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://t/x"],
        "https://t/x"
      ),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "  "], nil),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "c:4317"], nil),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "True"], nil),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_EXPORTER": "none"], nil),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"], nil),
      (
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"],
        "http://c/v1/traces"
      ),
    ] as [([String: String], String?)]
  )
  func `the environment says where traces go`(environment: [String: String], endpoint: String?) {
    #expect(TraceSettings.read(environment, version: "1").settings?.endpoint == endpoint)
  }

  @Test func `headers, names and limits are read as OpenTelemetry writes them`() throws {
    let (found, notes) = TraceSettings.read(
      [
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c",
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key = s%3D1%2C2 ,bad,x=%0d%0aevil: 1",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,team=a%20b", "OTEL_SERVICE_NAME": "mine",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1500", "OTEL_BSP_MAX_QUEUE_SIZE": "10",
        "OTEL_BSP_SCHEDULE_DELAY": "soon",
      ],
      version: "1"
    )
    let settings = try #require(found)
    #expect(settings.headers.map { $0.reveal() } == ["api-key: s=1,2"])
    #expect(settings.resource["service.name"]?.string == "mine")
    #expect(settings.resource["team"]?.string == "a b")
    #expect(settings.resource["service.version"]?.string == "1")
    #expect(settings.timeoutSeconds == 2 && settings.queueSize == 10 && settings.batchSize == 10)
    #expect(notes.count == 1 && settings.delaySeconds == 5)
    #expect(!"\(settings)".contains("s=1,2"))
  }

  @Test func `a job's ids are its own, whoever works them out`() {
    let one = TraceIdentity(job: "web", submitted: "2026-03-01T09:30:00.250Z", rerun: nil)
    let same = TraceIdentity(job: "web", submitted: "2026-03-01T09:30:00.250Z", rerun: nil)
    #expect(one.trace == same.trace && one.phase(2, of: 1) == same.phase(2, of: 1))
    let others = [
      TraceIdentity(job: "web2", submitted: "2026-03-01T09:30:00.250Z", rerun: nil),
      TraceIdentity(job: "web", submitted: "2026-03-01T09:30:00.251Z", rerun: nil),
      TraceIdentity(job: "web", submitted: "2026-03-01T09:30:00.250Z", rerun: "2026-03-01T10:00:00.000Z"),
    ]
    #expect(Set(others.map(\.trace) + [one.trace]).count == 4)
    let spans = [
      one.job, one.attempt(1), one.attempt(2), one.phase(0, of: 1), one.phase(1, of: 1), one.phase(0, of: 2),
    ]
    #expect(Set(spans).count == spans.count && spans.allSatisfy { $0.utf8.count == 16 })
  }

  @Test func `a span is written as OTLP has it in JSON`() {
    let span = Span(
      trace: String(repeating: "a", count: 32),
      id: String(repeating: "b", count: 16),
      parent: nil,
      name: "attempt",
      start: Timestamp(milliseconds: 1_700_000_000_123),
      end: Timestamp(milliseconds: 1_600_000_000_000),
      attributes: ["n": 3, "t": "x", "b": true, "none": nil],
      status: .error("no")
    )
    #expect(
      span.json.text()
        == #"{"traceId":"\#(span.trace)","spanId":"\#(span.id)","name":"attempt","kind":1,"#
        + #""startTimeUnixNano":"1700000000123000000","endTimeUnixNano":"1700000000123000000","#
        + #""attributes":[{"key":"n","value":{"intValue":"3"}},{"key":"t","value":{"stringValue":"x"}},"#
        + #"{"key":"b","value":{"boolValue":true}}],"status":{"code":2,"message":"no"}}"#
    )
  }

  @Test func `spans that find no room are counted and nobody waits`() {
    var settings = TraceSettings(endpoint: "http://127.0.0.1:9/v1/traces")
    settings.queueSize = 5
    let exporter = TraceExporter(settings) { _ in }
    let time = Timestamp(milliseconds: 0)
    let span = Span(
      trace: "",
      id: "",
      parent: nil,
      name: "",
      start: time,
      end: time,
      attributes: [:],
      status: .unset
    )
    exporter.add(Array(repeating: span, count: 8))
    #expect(exporter.counts == TraceExporter.Counts(sent: 0, dropped: 3))
    exporter.stop(within: 0)
    #expect(exporter.counts == TraceExporter.Counts(sent: 0, dropped: 8))
  }
}
