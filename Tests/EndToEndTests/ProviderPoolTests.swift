import CurlHTTP
import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Workers that keep providers started, with the real Terraform and a played cloud.
@Suite(.needsTools, .timeLimit(.minutes(10))) struct ProviderPoolTests {
  private static let manifest = "\(Project.root)/templates/MicroserviceKubernetes/examples/minimal.yaml"

  /// A worker that runs until it is ended.
  private struct Worker {
    let stackjob: Product
    let pid: Int
    let address: String

    func metric(_ name: String) throws -> Int {
      let reply = try HTTPCall(url: "http://\(address)/metrics", usesProxy: false).perform()
      let line = String(decoding: reply.body, as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix("stackjob_\(name) ") }
      return try #require(line?.split(separator: " ").last.flatMap { Int($0) })
    }

    /// - Parameter number: of those that were started so far.
    func awaitSpare(_ number: Int = 1) async throws {
      while try metric("spares_started_total") != number || metric("spares") != 1 {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  private func withWorker(
    _ stackjob: Product,
    _ arguments: String...,
    environment: [String: String] = [:],
    expecting end: ToolExit = .code(0),
    body: @escaping @Sendable (Worker) async throws -> Void
  ) async throws {
    let pid = Mutex(0)
    let log = "\(stackjob.folder)/worker-\(UInt32.random(in: 0 ... .max)).log"
    let line =
      "exec \"$0\" worker --queue queue --listen 127.0.0.1:0 \(arguments.joined(separator: " ")) 2>'\(log)'"
    async let ended = stackjob.run(
      ["-c", line, Project.binary],
      executable: "/bin/sh",
      environment: environment,
      onStart: { started in pid.withLock { $0 = started } }
    )
    let said = "listening on "
    func address() -> Substring? {
      (LocalFiles.text(log) ?? "").split(separator: "\n")
        .compactMap { (try? JSONValue(parsing: String($0)))?["message"]?.string }
        .first { $0.hasPrefix(said) }?.dropFirst(said.count)
    }
    while address() == nil || pid.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(20)) }
    let worker = Worker(
      stackjob: stackjob,
      pid: pid.withLock { $0 },
      address: String(try #require(address()))
    )
    do { try await body(worker) } catch { Issue.record(error) }
    kill(pid_t(worker.pid), SIGTERM)
    #expect(try await ended.exit == end)
  }

  private func submit(_ stackjob: Product, _ operation: String, _ id: String, _ more: String...) async throws
  {
    let arguments =
      [
        "submit", "--queue", "queue", "--operation", operation, "--id", id, "--sandbox", "--image",
        "shop/web:1",
      ] + more + [Self.manifest]
    expect(try await stackjob.run(arguments), .done)
  }

  private func job(_ stackjob: Product, _ id: String) async throws -> JSONValue {
    let result = try await stackjob("jobs", "--queue", "queue", "--output", "json")
    return try #require(try result.document().array?.first { $0["id"]?.string == id })
  }

  private func awaitStatus(_ stackjob: Product, _ id: String, _ status: String) async throws {
    while try await job(stackjob, id)["status"]?.string != status {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func succeeds(_ stackjob: Product, _ operation: String, _ id: String) async throws {
    try await submit(stackjob, operation, id)
    try await awaitStatus(stackjob, id, "completed")
    let job = try await job(stackjob, id)
    #expect(job["result"] == "succeeded", "\(job.text())")
  }

  /// Guards and providers of a test, by their command line.
  private func processes(_ stackjob: Product) throws -> [(pid: Int, line: String)] {
    try LocalFiles.list("/proc").compactMap { name in
      guard let pid = Int(name),
        let line = LocalFiles.text("/proc/\(pid)/cmdline")?.replacing("\0", with: " "),
        line.contains(stackjob.folder), line.contains("provider")
      else { return nil }
      return (pid, line)
    }
  }

  private func awaitQuiet(_ stackjob: Product) async throws {
    while try !processes(stackjob).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
  }

  @Test
  func `the next job of a worker finds its provider started, and none is left when the worker has drained`()
    async throws
  {
    try await Product.run { stackjob in
      try await withWorker(stackjob, "--provider-pool", "1") { worker in
        try await succeeds(stackjob, "update", "first")
        try await worker.awaitSpare()
        #expect(try worker.metric("spares_taken_total") == 0)
        for turn in 1...2 {
          let before = try Set(processes(stackjob).map(\.pid))
          #expect(before.count == 2)
          try await succeeds(stackjob, "preview", "turn-\(turn)")
          try await worker.awaitSpare(turn + 1)
          #expect(try worker.metric("spares_taken_total") == turn)
          // Neither the provider nor its guard serves again.
          let after = try processes(stackjob)
          #expect(after.count == 2 && before.isDisjoint(with: after.map(\.pid)), "\(after)")
        }
        // Nobody can read a secret of a job from a command line.
        for (_, line) in try processes(stackjob) { #expect(!line.contains("TF_") && !line.contains("=")) }
      }
      #expect(try processes(stackjob).isEmpty)
      #expect(try LocalFiles.list("\(stackjob.stateHome)/pool").isEmpty)
    }
  }

  @Test func `a provider of another environment is not taken, and without a pool nothing is started`()
    async throws
  {
    try await Product.run { stackjob in
      try await withWorker(stackjob, "--provider-pool", "1") { worker in
        try await succeeds(stackjob, "preview", "first")
        try await worker.awaitSpare()
        // Another stack has a world of its own, which its environment names.
        let text = try #require(LocalFiles.text(Self.manifest))
        let name = try #require(text.split(separator: "\n").first { $0.hasPrefix("  name:") })
        let file = try stackjob.file("other.yaml", text.replacing(name, with: "\(name)-other"))
        let arguments = ["--operation", "preview", "--id", "other", "--sandbox", "--image", "a/b:1", file]
        expect(try await stackjob.run(["submit", "--queue", "queue"] + arguments), .done)
        try await awaitStatus(stackjob, "other", "completed")
        try await worker.awaitSpare(2)
        #expect(try worker.metric("spares_taken_total") == 0)
        #expect(try worker.metric("spares_discarded_total") == 1)
      }
      try await withWorker(stackjob, "--provider-pool", "0") { worker in
        try await succeeds(stackjob, "preview", "second")
        #expect(try worker.metric("spares_started_total") == 0)
      }
      try await withWorker(stackjob, "--provider-pool", "1", "--memory", "100") { worker in
        try await succeeds(stackjob, "preview", "third")
        #expect(try worker.metric("spares") == 0)
      }
      try await awaitQuiet(stackjob)
    }
  }

  /// Long enough for a change to be seen at work by a test that has to wait for its turn.
  private static let slowly = [
    "STACKJOB_SANDBOX_FAULTS": #"[{"do":"slow","type":"kubernetes_deployment_v1","seconds":20}]"#
  ]

  /// Has an approved plan carried out by a provider from the pool, and does something in the middle.
  private func applying(
    _ stackjob: Product,
    expecting end: ToolExit,
    do action: @escaping @Sendable (Worker, _ supervisor: Int, _ provider: Int) async throws -> Void
  ) async throws {
    try await submit(stackjob, "update", "slow", "--approve-first")
    try await withWorker(
      stackjob,
      "--provider-pool",
      "1",
      environment: Self.slowly,
      expecting: end
    ) { worker in
      try await awaitStatus(stackjob, "slow", "awaiting_approval")
      try await worker.awaitSpare()
      let spare = try #require(try processes(stackjob).first { $0.line.contains("terraform-provider-") })
      // Another name for the same file makes it no other program.
      let program = LocalFiles.absolute("/proc/\(spare.pid)/exe")
      try LocalFiles.link(program, as: "\(stackjob.folder)/another-name", mode: 0o755)
      let digest = try #require(try await job(stackjob, "slow")["digest"]?.string)
      expect(try await stackjob("approve", "--queue", "queue", "slow", "--digest", digest), .done)
      let attempt = "\(stackjob.folder)/queue/jobs/slow/attempts/2"
      while LocalFiles.text("\(attempt)/events.ndjson")?.contains("resource.started") != true {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(try worker.metric("spares_taken_total") == 1)
      // It is at work, in the job's own folder.
      #expect(LocalFiles.absolute("/proc/\(spare.pid)/cwd").hasSuffix("/workspace"))
      let supervisor = ProcessIdentity(
        json: try JSONValue(parsing: LocalFiles.read("\(attempt)/supervisor.json"))
      )
      try await action(worker, try #require(supervisor).pid, spare.pid)
    }
  }

  @Test func `an apply with a provider from the pool goes on when the worker is killed`() async throws {
    try await Product.run { stackjob in
      try await applying(stackjob, expecting: .signal(9)) { worker, _, provider in
        kill(pid_t(worker.pid), SIGKILL)
        let left = try processes(stackjob)
        #expect(left.contains { $0.pid == provider })
      }
      expect(try await stackjob("worker", "--queue", "queue", "--until-empty"), .done)
      let job = try await job(stackjob, "slow")
      #expect(job["result"] == "succeeded" && job["attempts"]?.int == 2, "\(job.text())")
      try await awaitQuiet(stackjob)
    }
  }

  @Test func `a provider that nobody has taken ends with its worker, however that ends`() async throws {
    try await Product.run { stackjob in
      try await withWorker(stackjob, "--provider-pool", "1", expecting: .signal(9)) { worker in
        try await succeeds(stackjob, "preview", "first")
        try await worker.awaitSpare()
        kill(pid_t(worker.pid), SIGKILL)
        try await awaitQuiet(stackjob)
      }
      #expect(try LocalFiles.list("\(stackjob.stateHome)/pool").isEmpty)
    }
  }

  @Test func `a provider from the pool ends with the job whose supervisor is killed`() async throws {
    try await Product.run { stackjob in
      try await applying(stackjob, expecting: .code(0)) { _, supervisor, provider in
        kill(pid_t(supervisor), SIGKILL)
        while try processes(stackjob).contains(where: { $0.pid == provider }) {
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      try await awaitQuiet(stackjob)
    }
  }

  @Test func `how many providers are kept can be set in the settings`() async throws {
    try await Product.run { stackjob in
      let settings = try stackjob.file("settings.yaml", "providerPool: 0\n")
      try await withWorker(stackjob, environment: ["STACKJOB_CONFIG": settings]) { worker in
        try await succeeds(stackjob, "preview", "first")
        #expect(try worker.metric("spares_started_total") == 0)
      }
      let wrong = try stackjob.file("wrong.yaml", "providerPool: -1\n")
      let refused = try await stackjob.run(
        ["worker", "--queue", "queue", "--until-empty"],
        environment: ["STACKJOB_CONFIG": wrong]
      )
      #expect(refused.exit == .code(65) && refused.stderr.contains("settings.value"))
      #expect(try await stackjob("worker", "--queue", "queue", "--provider-pool", "-1").exit == .code(64))
    }
  }
}
