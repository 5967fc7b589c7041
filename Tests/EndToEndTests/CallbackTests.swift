import Digests
import LocalFiles
import StackModel
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Whom jobs want to be told, and what they are told.
@Suite(.needsTools, .timeLimit(.minutes(10))) struct CallbackTests {
  private static let manifest = "\(Project.root)/templates/MicroserviceKubernetes/examples/minimal.yaml"
  private static let secret = "0123456789abcdef0123456789abcdef"

  private func submit(_ stackjob: Product, _ id: String, _ url: String, _ more: String...) async throws {
    let arguments = [
      "submit", "--queue", "queue", "--operation", "preview", "--id", id, "--sandbox", "--image", "a/b:1",
      "--callback", url,
    ]
    expect(try await stackjob.run(arguments + more + [Self.manifest]), .done)
  }

  private func work(_ stackjob: Product) async throws -> Product.Result {
    let result = try await stackjob("worker", "--queue", "queue", "--until-empty")
    expect(result, .done)
    return result
  }

  private func allow(_ stackjob: Product, _ url: String) throws {
    let secret = try stackjob.file("secret", "\(Self.secret)\n")
    _ = try stackjob.file(
      "user/.config/stackjob/settings.yaml",
      "callbacks:\n- {url: '\(url)', secretFile: \(secret)}\n"
    )
  }

  @Test func `a job tells that it waits and that it has ended, signed`() async throws {
    try await CallRecorder.run { receiver in
      try await Product.run { stackjob in
        try allow(stackjob, "\(receiver.endpoint)/hooks")
        try await submit(
          stackjob,
          "web",
          "\(receiver.endpoint)/hooks/1?x=y",
          "--operation",
          "update",
          "--approve-first"
        )
        _ = try await work(stackjob)
        let shown = try await stackjob("job", "show", "--queue", "queue", "web").document()
        let digest = try #require(shown["digest"]?.string)
        expect(try await stackjob("reject", "--queue", "queue", "web", "--reason", "no"), .done)
        _ = try await work(stackjob)
        let calls = try receiver.calls()
        #expect(calls.map(\.path) == ["/hooks/1?x=y", "/hooks/1?x=y"])
        let documents = try calls.map { try $0.document() }
        #expect(documents.map { $0["delivery"]?.string } == ["web.1", "web.2"])
        #expect(documents.map { $0["job"]?["status"]?.string } == ["awaiting_approval", "completed"])
        #expect(documents[0]["job"]?["digest"]?.string == digest)
        #expect(documents[1]["job"]?["result"]?.string == "rejected")
        for call in calls {
          let time = try #require(call.headers["stackjob-timestamp"]?.string)
          let mac = HMAC.sha256(Array("\(time).\(call.body)".utf8), key: Array(Self.secret.utf8))
          #expect(call.headers["stackjob-signature"]?.string == "v1=\(Hex.text(mac))")
        }
        #expect(try LocalFiles.list("\(stackjob.folder)/queue/callbacks").isEmpty)
      }
    }
  }

  @Test func `nothing is called that the settings do not allow`() async throws {
    try await CallRecorder.run { receiver in
      try await Product.run { stackjob in
        try await submit(stackjob, "none", "\(receiver.endpoint)/hooks")
        let result = try await work(stackjob)
        #expect(result.stderr.contains("none.1: nobody is told"), "\(result.stderr)")
        try allow(stackjob, "\(receiver.endpoint)/hooks")
        try await submit(stackjob, "other", "\(receiver.endpoint)/hooks-of-others")
        _ = try await work(stackjob)
        #expect(try receiver.calls().isEmpty)
        let audit = LocalFiles.text("\(stackjob.folder)/queue/jobs/other/audit.ndjson") ?? ""
        #expect(audit.contains("callback-dropped"))
        let job = try await stackjob("job", "show", "--queue", "queue", "other").document()
        #expect(job["result"]?.string == "succeeded")
      }
    }
  }

  @Test func `what a killed worker could not tell the next one tells`() async throws {
    try await CallRecorder.run { receiver in
      try await Product.run { stackjob in
        try allow(stackjob, receiver.endpoint)
        try receiver.answer(
          ["status": 503, "times": 1],
          ["status": 0, "times": 1],
          ["status": 302, "times": 1]
        )
        try await submit(stackjob, "web", "\(receiver.endpoint)/a")
        async let worker = stackjob.run(
          ["worker", "--queue", "queue"],
          onStart: { pid in
            Task {
              while (try? receiver.calls().isEmpty) ?? true { try await Task.sleep(for: .milliseconds(10)) }
              kill(pid_t(pid), SIGKILL)
            }
          }
        )
        #expect(try await worker.exit == .signal(9))
        // As often as it takes: one that ends does not wait for a receiver that cannot be reached.
        while try receiver.calls().last?.status != 200 { _ = try await work(stackjob) }
        let calls = try receiver.calls()
        #expect(calls.count == 4)
        #expect(Set(try calls.map { try $0.document()["delivery"]?.string }) == ["web.1"])
        #expect(try LocalFiles.list("\(stackjob.folder)/queue/callbacks").isEmpty)
      }
    }
  }
}
