import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Jobs with Pulumi through a queue and its workers.
@Suite(.timeLimit(.minutes(10))) struct PulumiQueueTests {
  private func submit(_ pulumi: StandInPulumi, _ operation: String, _ more: String...) async throws {
    let arguments =
      ["submit", "--queue", "queue", "--operation", operation, "--id", operation, "--engine", "pulumi"] + more
      + [try pulumi.manifest()]
    expect(try await pulumi.stackjob.run(arguments, environment: pulumi.path), .done)
  }

  private func work(_ pulumi: StandInPulumi) async throws {
    expect(
      try await pulumi.stackjob("worker", "--queue", "queue", "--until-empty", environment: pulumi.path),
      .done
    )
  }

  private func job(_ pulumi: StandInPulumi, _ id: String) async throws -> JSONValue {
    let all = try await pulumi.stackjob("jobs", "--queue", "queue", "--output", "json").document().array ?? []
    return try #require(all.first { $0["id"]?.string == id })
  }

  @Test func `a plan is made, approved and carried out, by two supervisors`() async throws {
    try await StandInPulumi.run { pulumi in
      try await submit(pulumi, "preview")
      try await work(pulumi)
      #expect(try await job(pulumi, "preview")["result"] == "succeeded")
      try await submit(pulumi, "update", "--approve-first")
      try await work(pulumi)
      let waiting = try await job(pulumi, "update")
      #expect(waiting["status"] == "awaiting_approval", "\(waiting.text())")
      #expect(try pulumi.names() == [])
      let digest = try #require(waiting["digest"]?.string)
      expect(
        try await pulumi.stackjob("approve", "--queue", "queue", "update", "--digest", digest, "--by", "ada"),
        .done
      )
      try await work(pulumi)
      let done = try await job(pulumi, "update")
      #expect(done["result"] == "succeeded" && done["attempts"] == 2, "\(done.text())")
      #expect(try pulumi.names().contains("service"))
      #expect(try pulumi.calls("up").last?.contains("--plan") == true)
      try await submit(pulumi, "destroy")
      try await work(pulumi)
      #expect(try await job(pulumi, "destroy")["result"] == "succeeded")
      #expect(try pulumi.names() == [])
      try pulumi.expectNoSecret()
    }
  }

  @Test func `a supervisor that is killed in an update leaves an engine that ends, and a job that says so`()
    async throws
  {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["fault": ["at": "service", "hold": true, "plugin": true]])
      try await submit(pulumi, "update")
      let path = "\(pulumi.stackjob.folder)/queue/jobs/update/attempts/1/supervisor.json"
      async let worker = pulumi.stackjob(
        "worker",
        "--queue",
        "queue",
        "--until-empty",
        environment: pulumi.path
      )
      while !LocalFiles.exists("\(pulumi.folder)/plugin.pid") { try await Task.sleep(for: .milliseconds(10)) }
      let supervisor = try #require(ProcessIdentity(json: try JSONValue(parsing: LocalFiles.read(path))))
      kill(pid_t(supervisor.pid), SIGKILL)
      // Let go on before that, the engine would do all of it.
      while !LocalFiles.exists("\(pulumi.folder)/interrupted") {
        try await Task.sleep(for: .milliseconds(10))
      }
      _ = try pulumi.stackjob.file("bin/go", "")
      expect(try await worker, .done)
      // What is left to do is asked about: nobody knows what was done.
      let lost = try await job(pulumi, "update")
      #expect(lost["status"] == "awaiting_approval", "\(lost.text())")
      try pulumi.control([:])
      let digest = try #require(lost["digest"]?.string)
      expect(try await pulumi.stackjob("approve", "--queue", "queue", "update", "--digest", digest), .done)
      try await work(pulumi)
      #expect(try await job(pulumi, "update")["result"] == "succeeded")
      let next = try await pulumi("apply", try pulumi.manifest(), "--auto-approve", "--output", "json")
      expect(next, .done)
      #expect(try pulumi.lockFiles().isEmpty && pulumi.names().contains("service"))
      let plugin = try #require(LocalFiles.text("\(pulumi.folder)/plugin.pid").flatMap(Int.init))
      #expect(ProcessIdentity.of(pid: plugin) == nil, "the plugin is still there")
    }
  }
}
