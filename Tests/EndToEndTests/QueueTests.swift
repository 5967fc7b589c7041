import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Jobs through a queue folder, with the real Terraform and a played cloud.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct QueueTests {
  private static let manifest = "\(Project.root)/templates/MicroserviceKubernetes/examples/minimal.yaml"

  private func submit(
    _ stackjob: Product,
    _ operation: String,
    _ id: String,
    _ more: String...
  ) async throws {
    let arguments =
      [
        "submit", "--queue", "queue", "--operation", operation, "--id", id, "--sandbox", "--image",
        "shop/web:1",
      ] + more + [Self.manifest]
    let result = try await stackjob.run(arguments)
    expect(result, .done)
    #expect(result.stdout == "\(id)\n")
  }

  private func work(_ stackjob: Product) async throws {
    expect(try await stackjob("worker", "--queue", "queue", "--until-empty"), .done)
  }

  private func jobs(_ stackjob: Product) async throws -> [JSONValue] {
    let result = try await stackjob("jobs", "--queue", "queue", "--output", "json")
    expect(result, .done)
    return try #require(try result.document().array)
  }

  private func job(_ stackjob: Product, _ id: String) async throws -> JSONValue {
    try #require(try await jobs(stackjob).first { $0["id"]?.string == id })
  }

  private func isFinished(_ job: JSONValue, _ result: String, attempts: Int = 1) {
    #expect(job["status"]?.string == "completed" && job["result"]?.string == result, "\(job.text())")
    #expect(job["attempts"]?.int == attempts, "\(job.text())")
  }

  @Test func `jobs are submitted, run and listed, and their events are whole`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "make")
      try await submit(stackjob, "preview", "look")
      try await submit(stackjob, "outputs", "read")
      try await submit(stackjob, "update", "make")
      _ = try stackjob.file(
        "queue/incoming/bad.json",
        #"{"operation": "update", "wrong": 1, "manifest": "a: b"}"#
      )
      try await work(stackjob)
      let all = try await jobs(stackjob)
      #expect(all.count == 4)
      for id in ["make", "look", "read"] { isFinished(try await job(stackjob, id), "succeeded") }
      isFinished(try await job(stackjob, "bad"), "failed", attempts: 0)
      #expect(try await job(stackjob, "bad")["diagnostics"]?[0]?["line"]?.int == 1)

      let events = try await stackjob("logs", "--queue", "queue", "make").events()
      #expect(events.map { $0["seq"]?.int } == Array(1...events.count))
      #expect(events.last?["type"]?.string == "job.finished")
      let rest = try await stackjob("logs", "--queue", "queue", "make", "--follow", "--from", "5").events()
      #expect(rest.first?["seq"]?.int == 5 && rest.count == events.count - 4)
    }
  }

  @Test func `a plan waits for its approval, and that plan is applied`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "asked", "--approve-first")
      try await work(stackjob)
      let waiting = try await job(stackjob, "asked")
      #expect(waiting["status"]?.string == "awaiting_approval")
      let digest = try #require(waiting["digest"]?.string)
      let wrong = try await stackjob("approve", "--queue", "queue", "asked", "--digest", "000000000000")
      #expect(wrong.exit == .code(65))
      let nameless = try await stackjob("approve", "--queue", "queue", "asked")
      #expect(nameless.exit == .code(65))
      #expect(nameless.stderr.contains(digest.prefix(12)), "\(nameless.stderr)")
      for wrong in [["prod"], ["--resume"]] {
        let arguments = ["approve", "--queue", "queue", "asked", "--digest", digest] + wrong
        #expect(try await stackjob.run(arguments).exit == .code(64))
      }
      #expect(try await stackjob("approve", "last", "--digest", digest).exit == .code(64))
      expect(
        try await stackjob("approve", "--queue", "queue", "asked", "--digest", digest, "--by", "ada"),
        .done
      )
      try await work(stackjob)
      isFinished(try await job(stackjob, "asked"), "succeeded", attempts: 2)
      #expect(try await job(stackjob, "asked")["decided_by"]?.string == "ada")

      try await submit(stackjob, "destroy", "refused", "--approve-first")
      try await work(stackjob)
      expect(try await stackjob("reject", "--queue", "queue", "refused", "--reason", "no"), .done)
      isFinished(try await job(stackjob, "refused"), "rejected")
    }
  }

  /// Starts a worker and kills it once the job's supervisor runs.
  private func killWorker(_ stackjob: Product, _ id: String) async throws -> ProcessIdentity {
    let pid = Mutex(0)
    async let worker = stackjob.run(
      ["worker", "--queue", "queue"],
      onStart: { started in pid.withLock { $0 = started } }
    )
    let path = "\(stackjob.folder)/queue/jobs/\(id)/attempts/1/supervisor.json"
    while !LocalFiles.exists(path) { try await Task.sleep(for: .milliseconds(10)) }
    kill(pid_t(pid.withLock { $0 }), SIGKILL)
    #expect(try await worker.exit == .signal(9))
    let json = try JSONValue(parsing: try LocalFiles.read(path))
    return try #require(ProcessIdentity(json: json))
  }

  @Test func `a job outlives its worker, and the next worker reports it`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "long")
      let supervisor = try await killWorker(stackjob, "long")
      #expect(supervisor.mayBeAlive)
      try await work(stackjob)
      isFinished(try await job(stackjob, "long"), "succeeded")
    }
  }

  @Test func `a job whose supervisor is killed before a change is tried again`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "killed")
      let supervisor = try await killWorker(stackjob, "killed")
      kill(pid_t(supervisor.pid), SIGKILL)
      try await work(stackjob)
      isFinished(try await job(stackjob, "killed"), "succeeded", attempts: 2)
    }
  }

  @Test func `a cancelled job stops, and its stack is free`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "stopped")
      let supervisor = try await killWorker(stackjob, "stopped")
      #expect(supervisor.mayBeAlive)
      expect(try await stackjob("cancel", "--queue", "queue", "stopped", "--by", "ada"), .done)
      try await work(stackjob)
      #expect(try await job(stackjob, "stopped")["status"]?.string == "completed")
      try await submit(stackjob, "update", "next")
      try await work(stackjob)
      isFinished(try await job(stackjob, "next"), "succeeded")
    }
  }
}
