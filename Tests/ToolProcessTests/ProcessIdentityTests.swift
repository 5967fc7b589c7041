import StackModel
import Testing
import ToolProcess

@Suite struct ProcessIdentityTests {
  @Test func `this process is alive and survives a round trip through JSON`() {
    let current = ProcessIdentity.current()
    #expect(current.startTicks > 0)
    #expect(current.mayBeAlive)
    #expect(ProcessIdentity(json: current.json) == current)
  }

  @Test func `another start time or another boot is another process`() {
    var reused = ProcessIdentity.current()
    reused.startTicks -= 1
    #expect(!reused.mayBeAlive)
    var earlier = ProcessIdentity.current()
    earlier.bootID = "00000000-0000-0000-0000-000000000000"
    #expect(!earlier.mayBeAlive)
    var elsewhere = earlier
    elsewhere.place = "another machine"
    #expect(elsewhere.mayBeAlive, "nothing can be proved of another machine")
  }

  @Test(arguments: [-1, 0, 1 << 31, .max])
  func `a number that is no pid names no process`(pid: Int) {
    #expect(ProcessIdentity(json: ["pid": .int(pid), "start_ticks": 0, "boot_id": "b"]) == nil)
  }

  @Test func `a process that has ended is dead`() async throws {
    let outcome = try await ToolRunner.run(
      ToolInvocation(
        tool: "true",
        version: "",
        executable: "/bin/true",
        arguments: [],
        environment: [:],
        workingDirectory: "/"
      ),
      stop: StopSwitch(),
      onLine: { _ in }
    )
    #expect(ProcessIdentity.of(pid: outcome.pid) == nil)
  }
}

@Suite struct EnvironmentPolicyTests {
  private let policy = EnvironmentPolicy(allowed: ["PATH", "LC_*"], reserved: ["TF_*"])

  @Test func `what is allowed passes, what is reserved is named, the rest is dropped`() {
    let selection = policy.select(from: [
      "PATH": "/bin", "LC_ALL": "C", "TF_VAR_x": "1", "TF_LOG": "trace", "SECRET": "s",
    ])
    #expect(selection.variables == ["PATH": "/bin", "LC_ALL": "C"])
    #expect(selection.refused == ["TF_LOG", "TF_VAR_x"])
  }

  @Test func `reserved wins over allowed`() {
    let both = EnvironmentPolicy(allowed: ["TF_VAR_x"], reserved: ["TF_*"])
    #expect(both.select(from: ["TF_VAR_x": "1"]).variables.isEmpty)
  }
}
