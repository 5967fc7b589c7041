import CurlHTTP
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

  /// Long enough for a change to be seen at work.
  private static let slowly = [
    "STACKJOB_SANDBOX_FAULTS": #"[{"do":"slow","type":"kubernetes_deployment_v1","seconds":4}]"#
  ]

  /// Works on a queue until nothing is left, and does something once a job's first attempt has said something.
  private func work(
    _ stackjob: Product,
    environment: [String: String] = slowly,
    onceAttemptOf id: String,
    says words: String...,
    do action: @escaping @Sendable (_ worker: Int) async throws -> Void
  ) async throws {
    let pid = Mutex(0)
    async let worker = stackjob.run(
      ["worker", "--queue", "queue", "--until-empty"],
      environment: environment,
      onStart: { started in pid.withLock { $0 = started } }
    )
    let events = "\(stackjob.folder)/queue/jobs/\(id)/attempts/1/events.ndjson"
    func isSaid() -> Bool {
      let lines = LocalFiles.text(events)?.split(separator: "\n") ?? []
      return lines.contains { line in words.allSatisfy { line.contains($0) } }
    }
    while !isSaid() { try await Task.sleep(for: .milliseconds(20)) }
    try await action(pid.withLock { $0 })
    expect(try await worker, .done)
  }

  private func supervisor(_ stackjob: Product, _ id: String, attempt: Int = 1) throws -> ProcessIdentity {
    let path = "\(stackjob.folder)/queue/jobs/\(id)/attempts/\(attempt)/supervisor.json"
    return try #require(ProcessIdentity(json: try JSONValue(parsing: try LocalFiles.read(path))))
  }

  /// The pid of the newest engine that a log names.
  private func engine(_ stackjob: Product, _ id: String) throws -> Int {
    let text = try #require(LocalFiles.text("\(stackjob.folder)/queue/jobs/\(id)/attempts/1/events.ndjson"))
    let pids = text.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
      .filter { $0["type"] == "tool.started" }.compactMap { $0["pid"]?.int }
    return try #require(pids.last)
  }

  @Test func `what an engine makes after its supervisor was killed is known, and the rest is decided on`()
    async throws
  {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "killed", "--providers", "plain")
      try await work(stackjob, onceAttemptOf: "killed", says: "resource.started", "kubernetes_deployment") {
        _ in
        kill(pid_t(try supervisor(stackjob, "killed").pid), SIGKILL)
      }
      let left = try await job(stackjob, "killed")
      #expect(left["result"]?.string == "interrupted", "\(left.text())")
      #expect(left["reason"]?.string?.hasPrefix("interrupted: its supervisor was killed") == true)
      #expect(left["interrupted_attempts"] == [1])
      if left["status"]?.string == "awaiting_approval" {
        let digest = try #require(left["digest"]?.string)
        expect(try await stackjob("approve", "--queue", "queue", "killed", "--digest", digest), .done)
        try await work(stackjob)
        isFinished(try await job(stackjob, "killed"), "succeeded", attempts: 3)
      }
      // Nothing was made twice and nothing is missing, or this would find something to do.
      try await submit(stackjob, "preview", "after")
      try await work(stackjob)
      let events = try await stackjob("logs", "--queue", "queue", "after").events()
      #expect(events.first { $0["type"] == "plan.ready" }?["has_changes"] == false)
    }
  }

  @Test func `a job whose engine is killed before its change is tried again`() async throws {
    let slow = #"[{"do":"slow","when":"plan","type":"kubernetes_deployment_v1","nth":1,"seconds":3}]"#
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "killed", "--providers", "plain")
      try await work(
        stackjob,
        environment: ["STACKJOB_SANDBOX_FAULTS": slow],
        onceAttemptOf: "killed",
        says: "phase.started",
        "preview"
      ) { _ in
        // The phase begins before its engine does.
        let before = try engine(stackjob, "killed")
        while try engine(stackjob, "killed") == before { try await Task.sleep(for: .milliseconds(20)) }
        kill(pid_t(try engine(stackjob, "killed")), SIGKILL)
      }
      isFinished(try await job(stackjob, "killed"), "succeeded", attempts: 2)
    }
  }

  @Test func `a job that takes too long is stopped cleanly, as a whole or in a phase`() async throws {
    try await Product.run(environment: Self.slowly) { stackjob in
      let text = try #require(LocalFiles.text(Self.manifest)).split(
        separator: "\n",
        omittingEmptySubsequences: false
      )
      .map { "  \($0)" }.joined(separator: "\n")
      for (id, limit) in [("whole", "job"), ("phase", "update")] {
        let document =
          "id: \(id)\noperation: update\nsandbox: true\nimage: shop/web:1\n"
          + "timeLimits: {\(limit): 3}\nmanifest:\n\(text)\n"
        expect(
          try await stackjob("submit", "--queue", "queue", try stackjob.file("\(id).yaml", document)),
          .done
        )
        try await work(stackjob)
        let job = try await job(stackjob, id)
        isFinished(job, "failed")
        #expect(
          job["reason"]?.string?.hasPrefix("timeout: the \(limit == "job" ? "job" : "phase update")") == true
        )
        let last = try await stackjob("logs", "--queue", "queue", id).events().last
        #expect(last?["type"] == "job.finished" && last?["lock_released"] == true)
      }
    }
  }

  @Test func `a cancelled job can be run again`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "again")
      expect(try await stackjob("cancel", "--queue", "queue", "again"), .done)
      isFinished(try await job(stackjob, "again"), "cancelled", attempts: 0)
      expect(try await stackjob("rerun", "--queue", "queue", "again"), .done)
      try await work(stackjob)
      isFinished(try await job(stackjob, "again"), "succeeded")
    }
  }

  @Test func `SIGTERM drains: what runs ends, and what waits goes on waiting`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "update", "runs")
      try await submit(stackjob, "preview", "waits")
      try await work(stackjob, onceAttemptOf: "runs", says: "resource.started") { worker in
        kill(pid_t(worker), SIGTERM)
      }
      isFinished(try await job(stackjob, "runs"), "succeeded")
      #expect(try await job(stackjob, "waits")["status"]?.string == "queued")
    }
  }

  @Test func `several workers share a queue, and each job runs once`() async throws {
    try await Product.run { stackjob in
      let text = try #require(LocalFiles.text(Self.manifest))
      let name = try #require(text.split(separator: "\n").first { $0.hasPrefix("  name:") })
      for stack in 0..<3 {
        let file = try stackjob.file("\(stack).yaml", text.replacing(name, with: "\(name)-\(stack)"))
        for turn in 0..<2 {
          let arguments = [
            "--operation", "preview", "--id", "job-\(stack)-\(turn)", "--sandbox", "--image", "a/b:1",
          ]
          expect(try await stackjob.run(["submit", "--queue", "queue"] + arguments + [file]), .done)
        }
      }
      async let first: Void = work(stackjob)
      async let second: Void = work(stackjob)
      async let third: Void = work(stackjob)
      _ = try await (first, second, third)
      let all = try await jobs(stackjob)
      #expect(all.count == 6)
      for job in all { isFinished(job, "succeeded") }
    }
  }

  @Test func `a worker says how it does, and ends by SIGTERM`() async throws {
    try await Product.run { stackjob in
      try await submit(stackjob, "preview", "look")
      let pid = Mutex(0)
      async let worker = stackjob.run(
        ["-c", "exec \"$0\" worker --queue queue --listen 127.0.0.1:0 2>worker.log", Project.binary],
        executable: "/bin/sh",
        onStart: { started in pid.withLock { $0 = started } }
      )
      func messages() -> [String] {
        (LocalFiles.text("\(stackjob.folder)/worker.log") ?? "").split(separator: "\n")
          .compactMap { (try? JSONValue(parsing: String($0)))?["message"]?.string }
      }
      let said = "listening on "
      while !messages().contains(where: { $0.hasPrefix(said) }) {
        try await Task.sleep(for: .milliseconds(20))
      }
      let address = try #require(messages().first { $0.hasPrefix(said) }).dropFirst(said.count)
      func ask(_ path: String) throws -> HTTPCall.Reply {
        try HTTPCall(url: "http://\(address)\(path)", usesProxy: false).perform()
      }
      #expect(try ask("/healthz").status == 200)
      #expect(try ask("/readyz").status == 200)
      #expect(try ask("/other").status == 404)
      let wanted = #"stackjob_jobs_total{result="succeeded"} 1"#
      func metrics() throws -> String { String(decoding: try ask("/metrics").body, as: UTF8.self) }
      while try !metrics().contains(wanted) { try await Task.sleep(for: .milliseconds(50)) }
      #expect(try metrics().contains(#"stackjob_phase_seconds_count{phase="preview"} 1"#))
      #expect(try metrics().contains("stackjob_running 0"))
      kill(pid_t(pid.withLock { $0 }), SIGTERM)
      expect(try await worker, .done)
      #expect(messages().last == "worker ended")
    }
  }

  @Test func `a worker that demands signatures runs what is signed, and nothing else`() async throws {
    try await Product.run { stackjob in
      let secret = try stackjob.file("secret", String(repeating: "k", count: 40) + "\n")
      let other = try stackjob.file("other", String(repeating: "o", count: 40))
      let short = try stackjob.file("short", "too short")
      try await submit(stackjob, "preview", "signed", "--sign", secret)
      try await submit(stackjob, "preview", "unsigned")
      try await submit(stackjob, "preview", "foreign", "--sign", other)
      // What was written beside the signed document counts for nothing.
      try LocalFiles.replace("\(stackjob.folder)/queue/jobs/signed/manifest.yaml", with: Array("a: b".utf8))
      #expect(
        try await stackjob("worker", "--queue", "queue", "--require-signature", short).exit == .code(65)
      )
      let worked = try await stackjob(
        "worker",
        "--queue",
        "queue",
        "--until-empty",
        "--require-signature",
        secret
      )
      expect(worked, .done)
      isFinished(try await job(stackjob, "signed"), "succeeded")
      for id in ["unsigned", "foreign"] {
        let job = try await job(stackjob, id)
        isFinished(job, "failed")
        #expect(job["diagnostics"]?[0]?["code"]?.string == "queue.signature", "\(job.text())")
      }
    }
  }

  @Test func `jobs for which there is no memory wait for those that run`() async throws {
    try await Product.run { stackjob in
      let text = try #require(LocalFiles.text(Self.manifest))
      let name = try #require(text.split(separator: "\n").first { $0.hasPrefix("  name:") })
      for stack in 0..<2 {
        let file = try stackjob.file("\(stack).yaml", text.replacing(name, with: "\(name)-\(stack)"))
        let arguments = [
          "--operation", "preview", "--id", "job-\(stack)", "--sandbox", "--image", "a/b:1", file,
        ]
        expect(try await stackjob.run(["submit", "--queue", "queue"] + arguments), .done)
      }
      let worker = ["worker", "--queue", "queue", "--until-empty", "--concurrency", "2", "--memory", "1"]
      expect(try await stackjob.run(worker), .done)
      let jobs = try await jobs(stackjob)
      for job in jobs { isFinished(job, "succeeded") }
      let first = try #require(jobs[0]["finished"]?.string)
      let second = try #require(jobs[1]["started"]?.string)
      #expect(first <= second)
      #expect(LocalFiles.exists("\(stackjob.folder)/queue/memory.json"))
    }
  }

  /// How long workers, supervisors and engines are killed at random; CI takes longer than a person wants to wait.
  private static let killingSeconds = getenv("STACKJOB_FAULT_SECONDS").map { String(cString: $0) } ?? "45"

  /// A short cut of `make faults`.
  @Test(arguments: [
    ["--rows", "kills", "--kills", "1000", "--seconds", killingSeconds],
    ["--rows", "term-engine,kill-provider,full-queue,clock,two-workers", "--rounds", "2"],
    ["--rows", "full-spool,http-server,http-events,http-result,http-kills", "--rounds", "2"],
  ])
  func `no harm loses a job, an event, a state or a process`(rows: [String]) async throws {
    try await Product.run { stackjob in
      let result = try await stackjob.run(
        rows + ["--seed", "7", "--binary", Project.binary],
        executable: "\(Project.root)/scripts/faults"
      )
      #expect(result.exit.isSuccess, "\(result.stdout)\(result.stderr)")
    }
  }
}
