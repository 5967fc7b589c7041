import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Stopping, killing, and what is left of a stack then, with Pulumi.
@Suite(.timeLimit(.minutes(10))) struct PulumiStopTests {
  private static let hold: JSONValue = ["at": "service", "hold": true, "plugin": true]

  @Test(arguments: ["old", "new"])
  func `one Ctrl-C saves the state, releases both locks and ends with 130`(codes: String) async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      try pulumi.control(["codes": .string(codes), "fault": Self.hold])
      let stop = StopSwitch()
      let result = try await applyHeld(pulumi, manifest, stop) { _ in stop.requestStop() }.result
      expect(result, .cancelled)
      let events = try result.events()
      #expect(events.contains { $0["line"]?.string?.contains("cancelling") == true })
      #expect(events.filter { $0["type"] == "job.interrupted" }.count == 1)
      #expect(events.last?["result"] == "cancelled" && events.last?["lock_released"] == true)
      #expect(pulumi.lockFiles().isEmpty)
      try expectNoPlugin(pulumi)
      try pulumi.control([:])
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      try pulumi.expectNoSecret()
    }
  }

  @Test func `a stop while a state is gone back to ends Pulumi first, and leaves no lock`() async throws {
    try await StandInPulumi.run { pulumi in
      expect(try await pulumi("apply", try pulumi.manifest(), "--auto-approve"), .done)
      try pulumi.control(["hold import": true])
      let stop = StopSwitch()
      async let rollback = pulumi.stackjob.run(
        ["state", "rollback", "acme/test/AwsEcsService/web", "--version", "1"],
        environment: pulumi.path,
        stop: stop
      )
      while pulumi.lockFiles().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
      stop.requestStop()
      expect(try await rollback, .cancelled)
      #expect(pulumi.lockFiles().isEmpty)
      let left = try pulumi.stackjob.everything().map(\.path).filter { $0.hasSuffix("/workspace/passphrase") }
      #expect(left.isEmpty)
      try pulumi.control([:])
      expect(try await pulumi("plan", try pulumi.manifest()), .done)
    }
  }

  /// Presses Ctrl-C once something is held, and again after each answer.
  private func press(_ pulumi: StandInPulumi, _ control: JSONValue) async throws -> Product.Result {
    try pulumi.control(control)
    let pid = Mutex<Int32>(0)
    let plugin = "\(pulumi.folder)/plugin.pid"
    return try await pulumi(
      "apply",
      try pulumi.manifest(),
      "--auto-approve",
      "--output",
      "ndjson",
      onStart: { started in pid.withLock { $0 = Int32(started) } },
      when: { line in
        let isNext =
          line.contains("resource.started") && line.contains("\"service\"")
          || line.contains(#""step":"stopping""#) || line.contains(#""step":"warned""#)
        guard isNext else { return }
        // Its plugin has been started by then, or is about to be.
        while !LocalFiles.exists(plugin) { usleep(5000) }
        kill(pid.withLock { $0 }, SIGINT)
      }
    )
  }

  @Test func `force tells it to give up, and the next job knows what was pending`() async throws {
    try await StandInPulumi.run { pulumi in
      let result = try await press(pulumi, ["deaf": true, "fault": Self.hold])
      expect(result, .cancelled)
      #expect(try result.events().contains { $0["line"]?.string?.contains("terminating") == true })
      #expect(try pulumi.state()["pending_operations"]?.array?.count == 1)
      #expect(pulumi.lockFiles().isEmpty, "it has let go of its lock by itself")
      try expectNoPlugin(pulumi)
      try await expectRecovery(pulumi, brokenLock: false)
    }
  }

  @Test func `what does not give up is killed with its plugins`() async throws {
    try await StandInPulumi.run { pulumi in
      let result = try await press(pulumi, ["deaf": true, "deaf twice": true, "fault": Self.hold])
      expect(result, .cancelled)
      #expect(try result.events().contains { $0["type"] == "tool.finished" && $0["signal"] == 9 })
      #expect(pulumi.lockFiles().count == 1)
      try expectNoPlugin(pulumi)
      try await expectRecovery(pulumi, brokenLock: true)
    }
  }

  @Test func `after the death of stackjob Pulumi goes on to its end, and no line of it is lost`() async throws
  {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["fault": Self.hold])
      let manifest = try pulumi.manifest()
      let stop = StopSwitch()
      let (killed, engine) = try await applyHeld(pulumi, manifest, stop) { _ in stop.force() }
      #expect(killed.exit == .signal(Int(SIGKILL)))
      // While it works, nobody else may.
      let second = try await pulumi("apply", manifest, "--auto-approve")
      expect(second, .locked)
      _ = try pulumi.stackjob.file("bin/go", "")
      try await Product.end(ofEngine: engine)
      #expect(try pulumi.lockFiles().isEmpty && pulumi.names().contains("service"))
      let next = try await pulumi("apply", manifest, "--auto-approve", "--output", "json")
      expect(next, .done)
      #expect(next.stdout.contains("died while it held the stack"))
      try expectNoPlugin(pulumi)
    }
  }

  @Test func `after the death of both the lock is taken away and what was pending is told`() async throws {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["fault": Self.hold])
      let manifest = try pulumi.manifest()
      let stop = StopSwitch()
      let (_, engine) = try await applyHeld(pulumi, manifest, stop) { engine in
        stop.force()
        kill(pid_t(engine), SIGKILL)
      }
      try await Product.end(ofEngine: engine)
      #expect(pulumi.lockFiles().count == 1)
      // A look takes no lock and is not kept from looking.
      expect(try await pulumi("plan", manifest), .done)
      try expectNoPlugin(pulumi)
      try await expectRecovery(pulumi, brokenLock: true)
    }
  }

  @Test func `a killed engine is a failure, and the next job mends what it left`() async throws {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["fault": ["at": "service", "crash": true]])
      let apply = try await pulumi("apply", try pulumi.manifest(), "--auto-approve", "--output", "json")
      expect(apply, .failed)
      #expect(apply.stdout.contains("killed by signal 9"))
      try await expectRecovery(pulumi, brokenLock: true)
    }
  }

  @Test func `a lock is taken away only from a process that is provably gone`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("plan", manifest), .done)
      let host = ProcessIdentity.hostName
      let gone = try #require((2...4_000_000).last { ProcessIdentity.isGone(pid: $0) })
      for (pid, name, isDead) in [
        (Int(getpid()), host, false), (gone, "elsewhere", false), (gone, host, true),
      ] {
        let lock = "\(pulumi.locks)/00000000-0000-4000-8000-000000000000.json"
        try LocalFiles.makeFolder(pulumi.locks)
        try LocalFiles.replace(
          lock,
          with: JSONValue.object([
            "pid": .int(pid), "username": "somebody", "hostname": .string(name),
            "timestamp": "2026-01-01T00:00:00Z",
          ]).bytes()
        )
        let apply = try await pulumi("apply", manifest, "--auto-approve", "--output", "json")
        expect(apply, isDead ? .done : .locked)
        #expect(apply.stdout.contains("somebody@\(name), process \(pid)"), "\(apply.stdout)")
        #expect(LocalFiles.exists(lock) != isDead)
        try LocalFiles.remove(lock)
      }
      try LocalFiles.replace("\(pulumi.locks)/half.json", with: Array("{\"pid\":".utf8))
      expect(try await pulumi("destroy", manifest, "--auto-approve"), .locked)
    }
  }

  // MARK: -

  /// Runs an apply that is held at the service, and does something to it then.
  ///
  /// - Parameter act: is given the engine's pid.
  private func applyHeld(
    _ pulumi: StandInPulumi,
    _ manifest: String,
    _ stop: StopSwitch,
    then act: @escaping @Sendable (Int) -> Void
  ) async throws -> (result: Product.Result, engine: Int) {
    let engine = Mutex(0)
    let folder = pulumi.folder
    let result = try await pulumi(
      "apply",
      manifest,
      "--auto-approve",
      "--output",
      "ndjson",
      stop: stop,
      when: { line in
        if let pid = (try? JSONValue(parsing: line))?["pid"]?.int { engine.withLock { $0 = pid } }
        guard line.contains("resource.started"), line.contains("\"service\"") else { return }
        // Its plugin has been started by then, or is about to be.
        while !LocalFiles.exists("\(folder)/plugin.pid") { usleep(5000) }
        act(engine.withLock { $0 })
      }
    )
    return (result, engine.withLock { $0 })
  }

  private func expectNoPlugin(_ pulumi: StandInPulumi) throws {
    let text = try #require(LocalFiles.text("\(pulumi.folder)/plugin.pid"))
    #expect(ProcessIdentity.of(pid: try #require(Int(text))) == nil, "the plugin is still there")
  }

  /// The next apply says what it finds, goes over it, and leaves nothing pending.
  private func expectRecovery(_ pulumi: StandInPulumi, brokenLock: Bool) async throws {
    try pulumi.control([:])
    let next = try await pulumi("apply", try pulumi.manifest(), "--auto-approve", "--output", "ndjson")
    expect(next, .done)
    let events = try next.events().filter { $0["type"] == "diagnostic" }
    #expect(
      events.contains { $0["summary"]?.string?.hasPrefix("The lock of a dead") == true } == brokenLock,
      "\(events)"
    )
    let pending = try #require(events.first { $0["summary"]?.string?.contains("in the middle of") == true })
    #expect(pending["detail"]?.string?.contains("::service (creating)") == true, "\(pending)")
    #expect(try pulumi.state()["pending_operations"] == nil)
    #expect(try pulumi.lockFiles().isEmpty && pulumi.names().contains("service"))
    let after = try await pulumi("apply", try pulumi.manifest(), "--auto-approve", "--output", "json")
    expect(after, .done)
    #expect(!after.stdout.contains("in the middle of"))
    try pulumi.expectNoSecret()
  }
}
