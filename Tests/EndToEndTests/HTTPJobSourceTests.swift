import Digests
import JobSources
import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

/// A worker's side of the protocol against a server that does everything wrong that a network can do. No engine.
@Suite(.timeLimit(.minutes(15))) struct HTTPJobSourceTests {
  private static let log: [UInt8] = (1...30_000).flatMap { number in
    Array("{\"seq\":\(number),\"text\":\"\(String(repeating: "x", count: number % 90))\"}\n".utf8)
  }

  private func source(
    _ queue: LocalQueue,
    spool: String = "spool",
    crowdedSeconds: Double = 10,
    drain: @escaping @Sendable () -> Void = {}
  ) throws -> HTTPJobSource {
    let source = HTTPJobSource(
      endpoint: queue.queueEndpoint,
      spool: "\(queue.folder)/\(spool)",
      wait: 1,
      crowdedSeconds: crowdedSeconds,
      describe: { job, _ in
        guard let name = job.manifest, let stack = StackID(org: "o", env: "e", kind: "K", name: name) else {
          return .failure(DiagnosticFailure(.error("test.bad", "bad manifest")))
        }
        return .success(stack)
      },
      wake: {},
      drain: drain
    )
    try source.open()
    return source
  }

  private func submit(_ queue: LocalQueue, _ id: String, stack: String? = nil) throws {
    var job = StackJob(operation: .update)
    job.id = id
    job.manifest = stack ?? id
    #expect(try queue.client.submit(job.json.bytes(), id: id, stack: nil, by: "ada"))
  }

  private func claim(_ source: HTTPJobSource) async throws -> Claim {
    while true {
      if let claim = try source.claim({ _ in true }) { return claim }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private func write(_ claim: Claim, _ bytes: some Collection<UInt8>) throws {
    let attempt = QueueJobFolder(path: claim.folder).attempt(claim.job.attempts)
    try LocalFiles.makeFolder(attempt.path)
    let before = (try? LocalFiles.read(attempt.events)) ?? []
    try LocalFiles.replace(attempt.events, with: before + bytes, durably: false)
    try LocalFiles.replace(attempt.markdown, with: Array("# result\n".utf8), durably: false)
  }

  private func deliver(_ source: HTTPJobSource) async throws {
    while !source.isDelivered { try await Task.sleep(for: .milliseconds(5)) }
  }

  private static let succeeded = Settlement.completed(.succeeded, exitCode: 0, reason: nil, diagnostics: [])

  private func isWhole(_ queue: LocalQueue, _ id: String, attempt: Int = 1) throws {
    let view = try #require(try queue.client.job(id))
    #expect(view.job.status == .completed && view.job.result == .succeeded, "\(view.job.json.text())")
    #expect(view.job.attempts == attempt)
    var kept: [UInt8] = []
    while case let piece = try queue.client.events(id, attempt: attempt, from: kept.count, atMost: 1 << 22),
      !piece.isEmpty
    { kept += piece }
    #expect(kept == Self.log, "\(kept.count) of \(Self.log.count) bytes")
    let names = view.artefacts.map(\.name)
    #expect(names == ["attempts/\(attempt)/result.md"])
    try queue.client.fetch(view.artefacts[0], of: id, to: "\(queue.folder)/fetched")
    #expect(LocalFiles.text("\(queue.folder)/fetched") == "# result\n")
  }

  private static let steps = [
    "POST /v1/claims", "POST .*/lease", "PUT .*/events", "PUT .*/artefacts", "PUT .*/result",
  ]

  private static let faults: [JSONValue] = [
    ["do": "cut-before"], ["do": "cut-after"], ["do": "half"], ["do": "reset"], ["do": "garbage"],
    ["do": "html"], ["do": "duplicate"], ["do": "delay", "seconds": .number("0.2")],
    ["do": "status", "status": 429, "after": .number("0.1")], ["do": "status", "status": 500],
    ["do": "status", "status": 503, "after": 0], ["do": "status", "status": 401],
    ["do": "status", "status": 302],
  ]

  @Test(arguments: steps) func `no fault of the network loses a byte or runs a job twice`(step: String)
    async throws
  {
    try await LocalQueue.run { queue in
      let source = try source(queue)
      for (number, fault) in Self.faults.enumerated() {
        let id = "job-\(number)"
        try queue.fault(step, fault, times: 2)
        try submit(queue, id)
        let claim = try await claim(source)
        #expect(claim.job.id == id && claim.job.attempts == 1)
        let half = Self.log.count / 2
        try write(claim, Self.log[..<half])
        #expect(try source.renew(claim) == .kept)
        try write(claim, Self.log[half...])
        #expect(try source.settle(claim, Self.succeeded))
        try await deliver(source)
        try isWhole(queue, id)
      }
      #expect(try LocalFiles.list("\(queue.folder)/spool/jobs").isEmpty)
      #expect(try !queue.calls("").filter { !($0["fault"]?.isNull ?? true) }.isEmpty)
      source.close()
    }
  }

  @Test func `a job for which there is no memory is given back, for whoever has some`() async throws {
    try await LocalQueue.run { queue in
      let source = try source(queue, crowdedSeconds: 0.05)
      try submit(queue, "large")
      while try queue.client.job("large")?.job.status != .running {
        #expect(try source.claim { _ in false } == nil)
        try await Task.sleep(for: .milliseconds(5))
      }
      while try queue.client.job("large")?.job.status != .queued {
        #expect(try source.claim { _ in false } == nil)
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(try queue.client.job("large")?.job.attempts == 0)
      let claim = try await claim(source)
      #expect(claim.job.id == "large" && claim.job.attempts == 1)
      try write(claim, Self.log)
      #expect(try source.settle(claim, Self.succeeded))
      try await deliver(source)
      source.close()
    }
  }

  @Test func `a file of any size goes up and comes down, and one that is cut short comes again`() async throws
  {
    try await LocalQueue.run { queue in
      let source = try source(queue)
      var job = StackJob(operation: .update)
      job.pauseBetweenPreviewAndUpdate = true
      job.manifest = "large"
      #expect(try queue.client.submit(job.json.bytes(), id: "large", stack: nil, by: "ada"))
      let first = try await claim(source)
      // More than what any reply may have in memory.
      let plan = [UInt8](repeating: UInt8(ascii: "p"), count: (66 << 20) + 1)
      let digest = SHA256.digest(of: plan)
      let folder = QueueJobFolder(path: first.folder)
      try LocalFiles.makeFolder(folder.plan)
      try LocalFiles.replace("\(folder.plan)/plan.bin", with: plan, durably: false)
      try write(first, Self.log)
      try queue.fault("PUT .*/artefacts", ["do": "reset"], times: 3)
      #expect(try source.settle(first, .awaitingApproval(digest: digest)))
      try await deliver(source)
      let view = try #require(try queue.client.job("large"))
      let artefact = try #require(view.artefacts.first { $0.name == "plan/plan.bin" })
      #expect(artefact.size == plan.count && artefact.sha256 == digest)

      try queue.fault("GET .*/artefacts", ["do": "half"], times: 1)
      try queue.client.fetch(artefact, of: "large", to: "\(queue.folder)/plan")
      #expect(try SHA256.digest(ofFile: "\(queue.folder)/plan") == digest)
      // One byte more than was announced is no longer the file.
      var short = artefact
      short.size -= 1
      #expect(throws: QueueClient.Failure.self) {
        try queue.client.fetch(short, of: "large", to: "\(queue.folder)/short")
      }
      #expect(
        try LocalFiles.list(queue.folder).filter { $0.hasPrefix("short") || $0.hasSuffix(".tmp") }.isEmpty
      )

      try queue.fault("GET .*/artefacts", ["do": "half"], times: 2)
      try queue.client.request(.approve(digest: digest, reason: nil), of: "large", by: "ada")
      let second = try await claim(source)
      #expect(second.job.step == .applyPlan)
      #expect(try SHA256.digest(ofFile: "\(QueueJobFolder(path: second.folder).plan)/plan.bin") == digest)
      try write(second, Self.log)
      #expect(try source.settle(second, Self.succeeded))
      try await deliver(source)
      source.close()
    }
  }

  @Test func `a server that has lost a part of the log gets it again`() async throws {
    try await LocalQueue.run { queue in
      let source = try source(queue)
      try queue.fault("PUT .*/events", ["do": "lose"], times: 3)
      try submit(queue, "a")
      let claim = try await claim(source)
      try write(claim, Self.log)
      #expect(try source.settle(claim, Self.succeeded))
      try await deliver(source)
      try isWhole(queue, "a")
      source.close()
    }
  }

  @Test func `a server that is killed and started again goes on where it was`() async throws {
    try await LocalQueue.run { queue in
      let source = try source(queue)
      try submit(queue, "a")
      let claim = try await claim(source)
      try write(claim, Self.log[..<100_000])
      try await queue.restart { try write(claim, Self.log[100_000...]) }
      #expect(try source.settle(claim, Self.succeeded))
      try await deliver(source)
      try isWhole(queue, "a")
      source.close()
    }
  }

  /// As if the process that wrote it were dead.
  private func orphan(_ claim: Claim) throws {
    let path = QueueJobFolder(path: claim.folder).lease
    let dead = ProcessIdentity(
      pid: 1 << 22,
      startTicks: 1,
      bootID: ProcessIdentity.current().bootID,
      place: ProcessIdentity.current().place
    )
    let lease: JSONValue = ["worker": dead.json, "token": .int(claim.token), "until": 0]
    try LocalFiles.replace(path, with: lease.bytes())
  }

  @Test func `what a dead worker has left is gone on with by the next`() async throws {
    try await LocalQueue.run { queue in
      let first = try source(queue)
      try submit(queue, "runs")
      try submit(queue, "ended")
      let (runs, ended) = (try await claim(first), try await claim(first))
      try write(runs, Self.log[..<1000])
      // Its report stands on disk, and the network is gone.
      try queue.fault("PUT .*/result", ["do": "cut-before"], times: 1000)
      try write(ended, Self.log)
      #expect(try first.settle(ended, Self.succeeded))
      while try queue.calls("/result").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      first.close()
      for claim in [runs, ended] { try orphan(claim) }
      try queue.fault("PUT .*/result", ["do": "cut-before"], times: 0)
      try await queue.restart()

      let second = try source(queue)
      let adopted = try #require(try second.adopt())
      #expect(adopted.isAdopted && adopted.job.id == "runs" && adopted.token == runs.token)
      #expect(try second.adopt() == nil)
      try write(adopted, Self.log[1000...])
      #expect(try second.settle(adopted, Self.succeeded))
      try await deliver(second)
      try isWhole(queue, "runs")
      try isWhole(queue, "ended")
      second.close()
    }
  }

  @Test func `what was claimed and not begun is given back`() async throws {
    try await LocalQueue.run { queue in
      let source = try source(queue)
      try submit(queue, "a")
      // Room for one, and then none after all.
      #expect(try source.claim { _ in true } == nil)
      while try queue.calls("/lease").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      source.close()
      let job = try #require(try queue.client.job("a")).job
      #expect(job.status == .queued && job.attempts == 0, "\(job.json.text())")
    }
  }

  @Test func `a job that cannot be read ends as failed, and its worker goes on`() async throws {
    try await LocalQueue.run { queue in
      let source = try source(queue)
      #expect(try queue.client.submit(Array("operation: [".utf8), id: "bad", stack: nil, by: "ada"))
      try submit(queue, "good")
      let claim = try await claim(source)
      #expect(claim.job.id == "good")
      try write(claim, Self.log)
      #expect(try source.settle(claim, Self.succeeded))
      try await deliver(source)
      let bad = try #require(try queue.client.job("bad")).job
      #expect(bad.result == .failed && !bad.diagnostics.isEmpty, "\(bad.json.text())")
      source.close()
    }
  }

  @Test func `a job whose stack is busy elsewhere is not begun`() async throws {
    try await LocalQueue.run { queue in
      let (first, second) = (try source(queue), try source(queue, spool: "other"))
      try submit(queue, "one", stack: "same")
      let claim = try await claim(first)
      try submit(queue, "two", stack: "same")
      _ = try second.claim { _ in true }
      while try queue.calls("/two/lease").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      #expect(try queue.calls("/two/lease").first?["status"] == 423)
      #expect(try second.claim { _ in true } == nil)
      try write(claim, Self.log)
      #expect(try first.settle(claim, Self.succeeded))
      try await deliver(first)
      let next = try await self.claim(second)
      #expect(next.job.id == "two" && next.job.attempts == 1)
      first.close()
      second.close()
    }
  }

  @Test func `a worker hears that it should stop a job, pause, and end`() async throws {
    try await LocalQueue.run { queue in
      let drained = Mutex(false)
      let source = try source(queue) { drained.withLock { $0 = true } }
      try submit(queue, "a")
      let claim = try await claim(source)
      try queue.client.request(.cancel, of: "a", by: "ada")
      while try source.renew(claim) != .cancel(by: "ada") { try await Task.sleep(for: .milliseconds(5)) }
      try queue.tell(["drain": true])
      while !drained.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
      source.close()
    }
  }

  @Test func `a claim that the server has ended is stopped, and its report not taken`() async throws {
    try await LocalQueue.run("--lease", "0.5", "--renew", "0.1") { queue in
      let source = try source(queue)
      try submit(queue, "a")
      let claim = try await claim(source)
      // The worker is silent until its lease is over, and somebody ends the job.
      try queue.fault("POST .*/lease", ["do": "cut-before"], times: 1000)
      while try #require(try queue.client.job("a")).job.status != .completed {
        try await Task.sleep(for: .milliseconds(50))
        try queue.client.request(.cancel, of: "a", by: "ada")
      }
      try await queue.restart()
      while try source.renew(claim) == .kept { try await Task.sleep(for: .milliseconds(5)) }
      while try source.settle(claim, Self.succeeded) { try await Task.sleep(for: .milliseconds(20)) }
      let job = try #require(try queue.client.job("a")).job
      #expect(job.result == .interrupted, "\(job.json.text())")
      // Or the worker could not end.
      #expect(source.isDelivered)
      source.close()
    }
  }
}
