import LocalFiles
import StackModel
import Testing
import ToolProcess

/// A service's deployment whose jobs are run by a worker.
@Suite(.needsTools, .needsKubectl, .timeLimit(.minutes(20))) struct QueueDeployTests {
  private static let service = "\(Project.root)/Tests/Fixtures/deployment/web"

  private func deploy(
    _ stackjob: Product,
    stop: StopSwitch = StopSwitch(),
    when: @escaping @Sendable (String) -> Void = { _ in }
  )
    async throws -> Product.Result
  {
    try await stackjob.run(
      [
        "deploy", Self.service, "--sandbox", "--branch", "feature/cart", "--image", "shop/web:1.0",
        "--references",
        "\(Self.service)/secrets.yaml", "--auto-approve", "--queue", "\(stackjob.folder)/queue", "--output",
        "ndjson",
      ],
      stop: stop,
      when: when
    )
  }

  /// A worker that takes jobs until the test is over.
  private func withWorker(_ stackjob: Product, _ body: () async throws -> Void) async throws {
    let stop = StopSwitch()
    async let worker = stackjob("worker", "--queue", "\(stackjob.folder)/queue", stop: stop)
    let result: Result<Void, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    stop.requestStop()
    _ = try await worker
    try result.get()
  }

  private func jobs(_ stackjob: Product) async throws -> [JSONValue] {
    let listed = try await stackjob("jobs", "--queue", "\(stackjob.folder)/queue", "--output", "json")
    return try JSONValue(parsing: listed.stdout).array ?? []
  }

  private func tasks(_ stackjob: Product) async throws -> [String] {
    let run = try await stackjob("run", "show", "last", "--output", "json").document()
    return (run["tasks"]?.array ?? []).map { task in
      let word =
        task["unchanged"] == true ? "unchanged" : task["result"]?.string ?? task["status"]?.string ?? "?"
      return "\(task["task"]?.string ?? "?") \(word)"
    }
  }

  @Test func `a worker runs the tasks in order, gates hold, and nothing is done twice`() async throws {
    try await Product.run { stackjob in
      try await withWorker(stackjob) {
        let first = try await deploy(stackjob)
        expect(first, .awaitingApproval)
        // What the worker's jobs tell is told here.
        let events = try first.events()
        #expect(
          events.contains {
            $0["type"] == "apply.summary" && $0["stack"]?.string?.contains("app-staging") == true
          }
        )
        #expect(
          try await tasks(stackjob) == [
            "dev succeeded", "staging succeeded", "prod awaiting_approval", "prod-eu queued",
          ]
        )
        #expect(try await jobs(stackjob).count == 2)
        expect(try await stackjob("approve", "last", "--resume"), .done)
        let done = try await jobs(stackjob)
        #expect(done.map { $0["labels"]?["task"]?.string } == ["dev", "staging", "prod", "prod-eu"])
        #expect(done.allSatisfy { $0["result"] == "succeeded" })
        expect(try await deploy(stackjob), .done)
        #expect(try await tasks(stackjob).allSatisfy { $0.hasSuffix(" unchanged") })
        #expect(try await jobs(stackjob).count == 4)
      }
    }
  }

  @Test func `a deployment that was killed finds its job again`() async throws {
    try await Product.run { stackjob in
      let stop = StopSwitch()
      // Nobody takes jobs yet, so it waits for the first.
      let folder = "\(stackjob.folder)/queue/tickets/queued"
      let watch = Task {
        while (try? LocalFiles.list(folder).isEmpty) != false { try await Task.sleep(for: .milliseconds(20)) }
        stop.force()
      }
      let killed = try await deploy(stackjob, stop: stop)
      try await watch.value
      #expect(killed.exit == .signal(9))
      try await withWorker(stackjob) { expect(try await stackjob("resume", "last"), .awaitingApproval) }
      #expect(
        try await jobs(stackjob).map { $0["labels"]?["task"]?.string } == ["dev", "staging"]
      )
    }
  }

  @Test func `Ctrl-C cancels the job that waits, and the run can be resumed`() async throws {
    try await Product.run { stackjob in
      let stop = StopSwitch()
      let folder = "\(stackjob.folder)/queue/tickets/queued"
      let watch = Task {
        while (try? LocalFiles.list(folder).isEmpty) != false { try await Task.sleep(for: .milliseconds(20)) }
        stop.requestStop()
      }
      expect(try await deploy(stackjob, stop: stop), .cancelled)
      try await watch.value
      #expect(try await jobs(stackjob).map { $0["result"] } == ["cancelled"])
      #expect(
        try await tasks(stackjob) == ["dev cancelled", "staging queued", "prod queued", "prod-eu queued"]
      )
    }
  }
}
