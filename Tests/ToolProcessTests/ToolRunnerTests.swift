import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Lines as they come, and a way to wait for one.
private final class Lines: Sendable {
  private let state = Mutex<[(stream: OutputLine.Stream, text: String)]>([])
  private let stream: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func add(_ line: OutputLine) {
    state.withLock { $0.append((line.stream, line.line.text)) }
    continuation.yield(line.line.text)
  }

  func all(_ stream: OutputLine.Stream) -> [String] {
    state.withLock { $0.filter { $0.stream == stream }.map(\.text) }
  }

  func wait(for text: String) async {
    for await line in stream where line == text { return }
  }
}

@Suite(.timeLimit(.minutes(2))) struct ToolRunnerTests {
  private func shell(_ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"])
    -> ToolInvocation
  {
    ToolInvocation(
      tool: "sh",
      version: "",
      executable: "/bin/sh",
      arguments: ["-c", script],
      environment: environment,
      workingDirectory: "/"
    )
  }

  @Test func `both streams arrive line by line and the code is told`() async throws {
    let lines = Lines()
    let outcome = try await ToolRunner.run(
      shell("echo out; echo err >&2; printf last; exit 7"),
      stop: StopSwitch(),
      onLine: { lines.add($0) }
    )
    #expect(outcome.exit == .code(7))
    #expect(lines.all(.stdout) == ["out", "last"])
    #expect(lines.all(.stderr) == ["err"])
  }

  @Test func `the child sees the given environment and nothing else`() async throws {
    setenv("STACKJOB_TEST_LEAK", "leaked", 1)
    let output = try await ToolOutput.collect(
      shell("env", environment: ["PATH": "/usr/bin:/bin", "GIVEN": "yes"])
    )
    #expect(output.standardOutput.contains("GIVEN=yes"))
    #expect(!output.standardOutput.contains("STACKJOB_TEST_LEAK"))
  }

  @Test func `every line of a large output arrives, whatever its length`() async throws {
    let script =
      "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; head -c 3000000 /dev/zero | tr '\\0' x"
    let lines = Lines()
    _ = try await ToolRunner.run(shell(script), stop: StopSwitch(), onLine: { lines.add($0) })
    let all = lines.all(.stdout)
    #expect(all.count == 20_001)
    #expect(all[19_999] == "line 19999")
    #expect(all.last?.utf8.count == 3_000_000)
  }

  @Test func `a stop is one SIGINT to the leader, and its output is read to the end`() async throws {
    let script = """
      n=0; trap 'n=$((n+1)); echo got $n' INT
      echo ready; i=0
      while [ $i -lt 30 ]; do sleep 0.1; i=$((i+1)); done
      echo end after $n
      """
    let (lines, stop) = (Lines(), StopSwitch())
    async let outcome = ToolRunner.run(shell(script), stop: stop, onLine: { lines.add($0) })
    await lines.wait(for: "ready")
    stop.requestStop()
    stop.requestStop()
    #expect(try await outcome.exit == .code(0))
    #expect(lines.all(.stdout) == ["ready", "got 1", "end after 1"])
  }

  @Test func `a stop that was asked before the start reaches the child`() async throws {
    let stop = StopSwitch()
    stop.requestStop()
    let outcome = try await ToolRunner.run(shell("exec sleep 60"), stop: stop, onLine: { _ in })
    #expect(outcome.exit == .signal(Int(SIGINT)))
  }

  @Test func `force kills the whole session`() async throws {
    let (lines, stop) = (Lines(), StopSwitch())
    let script = "trap '' INT; sleep 300 & echo $!; echo ready; wait"
    async let outcome = ToolRunner.run(shell(script), stop: stop, onLine: { lines.add($0) })
    await lines.wait(for: "ready")
    stop.requestStop()
    stop.force()
    #expect(try await outcome.exit == .signal(Int(SIGKILL)))
    let grandchild = try #require(lines.all(.stdout).first.flatMap { Int32($0) })
    #expect(isGone(grandchild))
  }

  @Test func `what a leader leaves behind is swept`() async throws {
    let lines = Lines()
    _ = try await ToolRunner.run(
      shell("trap '' INT; sleep 300 >/dev/null 2>&1 & echo $!"),
      stop: StopSwitch(),
      onLine: { lines.add($0) }
    )
    let grandchild = try #require(lines.all(.stdout).first.flatMap { Int32($0) })
    #expect(isGone(grandchild))
  }

  @Test func `cancelling the caller leaves the child alone`() async throws {
    let lines = Lines()
    let task = Task {
      try await ToolRunner.run(
        shell("echo ready; sleep 0.5; echo still here; exit 3"),
        stop: StopSwitch(),
        onLine: { lines.add($0) }
      )
    }
    await lines.wait(for: "ready")
    task.cancel()
    #expect(try await task.value.exit == .code(3))
    #expect(lines.all(.stdout) == ["ready", "still here"])
  }

  @Test func `a program that is not there is an error with its path`() async {
    var invocation = shell("true")
    invocation.executable = "/nonexistent/terraform"
    let error = await #expect(throws: ToolStartError.self) {
      try await ToolRunner.run(invocation, stop: StopSwitch(), onLine: { _ in })
    }
    #expect(error?.executable == "/nonexistent/terraform")
  }

  /// A killed process is gone or waits as a zombie for init.
  private func isGone(_ pid: Int32) -> Bool {
    for _ in 0..<200 {
      if ProcessIdentity.of(pid: Int(pid)) == nil { return true }
      usleep(10_000)
    }
    return false
  }
}
