import JobRunner
import Synchronization
import Testing
import ToolProcess

@Suite struct LeftProcessesTests {
  @Test func `what a job has left running is found by its workspace, and by nothing else`() async throws {
    let workspace = "/tmp/stackjob-left-\(UInt64.random(in: 0 ... .max))"
    let stop = StopSwitch()
    let found = Mutex<(own: [Int], other: [Int], pid: Int)>(([], [], 0))
    _ = try await ToolRunner.run(
      ToolInvocation(
        tool: "sh",
        version: "",
        executable: "/bin/sh",
        // It has become this program once it speaks.
        arguments: ["-c", "echo here; exec sleep 1000"],
        environment: ["TF_CLI_CONFIG_FILE": "\(workspace)/cli.tfrc", "PATH": "/usr/bin:/bin"],
        workingDirectory: "/"
      ),
      stop: stop,
      onStart: { pid in found.withLock { $0.pid = pid } },
      onLine: { _ in
        let own = LeftProcesses.find(workspace: workspace, recorded: nil).engines.map(\.pid)
        let other = LeftProcesses.find(workspace: "\(workspace)-2", recorded: nil).engines.map(\.pid)
        found.withLock { ($0.own, $0.other) = (own, other) }
        stop.requestStop()
      }
    )
    let (own, other, pid) = found.withLock { $0 }
    #expect(own == [pid])
    #expect(other.isEmpty)
    #expect(LeftProcesses.find(workspace: workspace, recorded: nil).engines.isEmpty)
  }
}
