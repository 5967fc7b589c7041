import LocalFiles
import StackModel
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// An engine that does not listen, does not end, or talks too much.
@Suite(.timeLimit(.minutes(20))) struct ForcedStopTests {
  /// Says that it works on something, and answers no request to stop.
  private let deaf = """
    trap 'echo "{\\"type\\":\\"log\\",\\"@message\\":\\"heard\\"}"' INT
    echo '{"type":"apply_start","hook":{"resource":{"addr":"aws_a.slow"},"action":"create"}}'
    while :; do sleep 0.2; done
    """

  @Test func `a second Ctrl-C says what force would lose, a third forces`() async throws {
    try await Product.run { stackjob in
      let environment = try StubEngine.install(in: stackjob, plan: deaf)
      let manifest = try StubEngine.manifest(in: stackjob)
      let pid = Mutex<Int32>(0)
      let result = try await stackjob.run(
        ["plan", manifest, "--output", "ndjson"],
        environment: environment,
        onStart: { started in pid.withLock { $0 = Int32(started) } },
        when: { line in
          // Each step of the conversation answers the one before it.
          let isNext =
            line.contains(#""type":"resource.started""#) || line.contains(#""line":"heard""#)
            || line.contains(#""step":"warned""#)
          if isNext { kill(pid.withLock { $0 }, SIGINT) }
        }
      )
      expect(result, .cancelled)
      let interruptions = try result.events().filter { $0["type"] == "job.interrupted" }
      #expect(interruptions.map { $0["step"]?.string } == ["stopping", "warned", "forced"])
      #expect(interruptions[1]["message"]?.string?.contains("aws_a.slow (create)") == true)
      #expect(result.stdout.components(of: #""line":"heard""#) == 1, "the engine got more than one SIGINT")
      #expect(try result.events().last?["lock_released"] == true)
    }
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func `a polite kill and a closed terminal stop as Ctrl-C does`(signal: Int32) async throws {
    try await Product.run { stackjob in
      let environment = try StubEngine.install(
        in: stackjob,
        plan: """
          trap 'exit 1' INT
          echo '{"type":"apply_start","hook":{"resource":{"addr":"aws_a.b"},"action":"create"}}'
          while :; do sleep 0.1; done
          """
      )
      let manifest = try StubEngine.manifest(in: stackjob)
      let pid = Mutex<Int32>(0)
      let result = try await stackjob.run(
        ["plan", manifest, "--output", "ndjson"],
        environment: environment,
        onStart: { started in pid.withLock { $0 = Int32(started) } },
        when: { line in if line.contains("resource.started") { kill(pid.withLock { $0 }, signal) } }
      )
      expect(result, .cancelled)
      #expect(try result.events().last?["result"] == "cancelled")
    }
  }

  @Test func `a killed engine is a failure that says what the state holds`() async throws {
    try await Product.run { stackjob in
      let environment = try StubEngine.install(in: stackjob, plan: "kill -9 $$")
      let result = try await stackjob(
        "plan",
        try StubEngine.manifest(in: stackjob),
        "--output",
        "json",
        environment: environment
      )
      expect(result, .failed)
      #expect(result.stdout.contains("killed by signal 9"))
    }
  }

  @Test func `long lines, broken UTF-8 and secrets in an engine's talk do no harm`() async throws {
    try await Product.run { stackjob in
      let environment = try StubEngine.install(
        in: stackjob,
        plan: """
          head -c 3000000 /dev/zero | tr '\\0' x; echo
          printf 'broken \\377\\376 bytes\\n'
          echo "token $GIVEN_TOKEN" "$(printf %s "$GIVEN_TOKEN" | base64)"
          exit 1
          """
      )
      let settings = try stackjob.file("settings.yaml", "passEnv: [GIVEN_TOKEN]\n")
      let result = try await stackjob(
        "plan",
        try StubEngine.manifest(in: stackjob),
        "--output",
        "ndjson",
        "--mask-env",
        "GIVEN_TOKEN",
        environment: environment.merging([
          "GIVEN_TOKEN": "planted-token-55aa", "STACKJOB_CONFIG": settings,
        ]) { $1 }
      )
      expect(result, .failed)
      let lines = try result.events().filter { $0["type"] == "log" }.compactMap { $0["line"]?.string }
      #expect(lines.contains { $0.utf8.count == 3_000_000 })
      #expect(lines.contains("broken \u{FFFD}\u{FFFD} bytes"))
      #expect(lines.contains { $0.hasPrefix("token \(Secret.mask)") })
      for (path, bytes) in try stackjob.everything() {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("planted-token"), "\(path)")
        #expect(!text.contains("cGxhbnRlZC10b2tlbi01NWFh"), "\(path)")
      }
    }
  }
}

extension String {
  /// How often a text stands in this one.
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
