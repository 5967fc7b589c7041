import Digests
import JobSources
import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Jobs through a server, by the built binary, with the real Terraform and a played cloud.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct HTTPQueueTests {
  private static let manifest = "\(Project.root)/templates/MicroserviceKubernetes/examples/minimal.yaml"
  private static let slowly = [
    "STACKJOB_SANDBOX_FAULTS": #"[{"do":"slow","type":"kubernetes_deployment_v1","seconds":8}]"#
  ]

  private func submit(
    _ stackjob: Product,
    _ queue: LocalQueue,
    _ operation: String,
    _ id: String,
    _ more: String...
  )
    async throws
  {
    let arguments =
      [
        "submit", "--queue", queue.endpoint, "--operation", operation, "--id", id, "--sandbox", "--image",
        "shop/web:1",
      ] + more + [Self.manifest]
    let result = try await stackjob.run(arguments)
    expect(result, .done)
    #expect(result.stdout == "\(id)\n")
  }

  private func work(_ stackjob: Product, _ queue: LocalQueue, environment: [String: String] = [:])
    async throws
  {
    expect(
      try await stackjob("worker", "--queue", queue.endpoint, "--until-empty", environment: environment),
      .done
    )
  }

  private func job(_ stackjob: Product, _ queue: LocalQueue, _ id: String) async throws -> JSONValue {
    let result = try await stackjob("job", "show", "--queue", queue.endpoint, id)
    expect(result, .done)
    return try result.document()
  }

  private func isFinished(_ job: JSONValue, _ result: String, attempts: Int = 1) {
    #expect(job["status"]?.string == "completed" && job["result"]?.string == result, "\(job.text())")
    #expect(job["attempts"]?.int == attempts, "\(job.text())")
  }

  private func events(_ stackjob: Product, _ queue: LocalQueue, _ id: String) async throws -> [JSONValue] {
    let events = try await stackjob("logs", "--queue", queue.endpoint, id, "--follow").events()
    #expect(events.map { $0["seq"]?.int } == Array(1...max(1, events.count)))
    #expect(events.last?["type"]?.string == "job.finished")
    return events
  }

  @Test func `jobs go through a server whatever the network does`() async throws {
    try await LocalQueue.run { queue in
      try await Product.run { stackjob in
        let faults: [JSONValue] = [
          ["do": "cut-after"], ["do": "garbage"], ["do": "reset"], ["do": "status", "status": 500],
          ["do": "status", "status": 429, "after": .number("0.2")], ["do": "duplicate"], ["do": "half"],
        ]
        for step in ["PUT /v1/jobs/make$", "claims", "/lease", "/events", "/artefacts", "/result"] {
          for fault in faults { try queue.fault(step, fault) }
        }
        try await submit(stackjob, queue, "update", "make")
        try await submit(stackjob, queue, "preview", "look")
        try await work(stackjob, queue)
        for id in ["make", "look"] { isFinished(try await job(stackjob, queue, id), "succeeded") }
        let all = try await events(stackjob, queue, "make")
        let rest = try await stackjob("logs", "--queue", queue.endpoint, "make", "--from", "5").events()
        #expect(rest.first?["seq"]?.int == 5 && rest.count == all.count - 4)
        // Nothing was made twice and nothing is missing, or this would find something to do.
        #expect(
          try await events(stackjob, queue, "look").first { $0["type"] == "plan.ready" }?["has_changes"]
            == false
        )
        let text = try await stackjob(
          "job",
          "file",
          "--queue",
          queue.endpoint,
          "make",
          "attempts/1/result.md"
        )
        expect(text, .done)
        #expect(text.stdout.contains("3 added"))
        let listed = try await stackjob("jobs", "--queue", queue.endpoint, "--output", "json").document()
        #expect(listed.array?.map { $0["id"]?.string } == ["make", "look"])
      }
    }
  }

  @Test func `a plan waits on the server, and another worker applies what was approved`() async throws {
    try await LocalQueue.run { queue in
      try await Product.run { stackjob in
        try await submit(stackjob, queue, "update", "asked", "--approve-first")
        try await work(stackjob, queue)
        let digest = try #require(try await job(stackjob, queue, "asked")["digest"]?.string)
        let nameless = try await stackjob("approve", "--queue", queue.endpoint, "asked")
        #expect(nameless.exit == .code(65) && nameless.stderr.contains(digest.prefix(12)))
        let wrong = try await stackjob(
          "approve",
          "--queue",
          queue.endpoint,
          "asked",
          "--digest",
          "000000000000"
        )
        #expect(wrong.exit == .code(65))
        let plan = try await stackjob("job", "file", "--queue", queue.endpoint, "asked", "plan/plan.md")
        #expect(plan.stdout.contains("3 to add"))
        expect(
          try await stackjob(
            "approve",
            "--queue",
            queue.endpoint,
            "asked",
            "--digest",
            digest,
            "--by",
            "ada"
          ),
          .done
        )
        // Nothing is left of it here: the plan comes from the server.
        let spools = try LocalFiles.list("\(stackjob.stateHome)/spool")
        #expect(try LocalFiles.list("\(stackjob.stateHome)/spool/\(spools[0])/jobs").isEmpty)
        try await work(stackjob, queue)
        isFinished(try await job(stackjob, queue, "asked"), "succeeded", attempts: 2)
        #expect(try await job(stackjob, queue, "asked")["decided_by"]?.string == "ada")
        try await submit(stackjob, queue, "destroy", "refused", "--approve-first")
        try await work(stackjob, queue)
        expect(try await stackjob("reject", "--queue", queue.endpoint, "refused", "--reason", "no"), .done)
        isFinished(try await job(stackjob, queue, "refused"), "rejected")
      }
    }
  }

  /// Does something once the server has an event of a type.
  private func once(_ queue: LocalQueue, _ id: String, says word: String, _ body: () async throws -> Void)
    async throws
  {
    func isSaid() throws -> Bool {
      let log = try queue.client.events(id, attempt: 1, from: 0, atMost: 1 << 22)
      return String(decoding: log, as: UTF8.self).contains(word)
    }
    while try !isSaid() { try await Task.sleep(for: .milliseconds(20)) }
    try await body()
  }

  @Test func `a job outlives its worker and its server, and its log is whole`() async throws {
    try await LocalQueue.run { queue in
      try await Product.run(environment: Self.slowly) { stackjob in
        try await submit(stackjob, queue, "update", "long")
        let pid = Mutex(0)
        async let worker = stackjob.run(
          ["worker", "--queue", queue.endpoint],
          onStart: { started in pid.withLock { $0 = started } }
        )
        try await once(queue, "long", says: "resource.started") {
          kill(pid_t(pid.withLock { $0 }), SIGKILL)
        }
        #expect(try await worker.exit == .signal(9))
        try await queue.restart()
        try await work(stackjob, queue)
        isFinished(try await job(stackjob, queue, "long"), "succeeded")
        _ = try await events(stackjob, queue, "long")
      }
    }
  }

  @Test func `a cancelled job stops and can be run again`() async throws {
    try await LocalQueue.run { queue in
      try await Product.run(environment: Self.slowly) { stackjob in
        try await submit(stackjob, queue, "update", "stopped")
        async let worker: Void = work(stackjob, queue)
        try await once(queue, "stopped", says: "resource.started") {
          expect(try await stackjob("cancel", "--queue", queue.endpoint, "stopped", "--by", "ada"), .done)
        }
        try await worker
        isFinished(try await job(stackjob, queue, "stopped"), "cancelled")
        expect(try await stackjob("rerun", "--queue", queue.endpoint, "stopped"), .done)
        try await work(stackjob, queue)
        isFinished(try await job(stackjob, queue, "stopped"), "succeeded", attempts: 2)
      }
    }
  }

  @Test func `a server that demands a certificate and a token gets both, and the token may change`()
    async throws
  {
    try await LocalQueue.run("--tls", "FOLDER", "--mtls", "--token", "FOLDER/token") { queue in
      let access = [
        "STACKJOB_QUEUE_CA_FILE": "\(queue.folder)/ca.pem",
        "STACKJOB_QUEUE_CLIENT_CERT": "\(queue.folder)/client.pem",
        "STACKJOB_QUEUE_CLIENT_KEY": "\(queue.folder)/client.key",
      ]
      try await Product.run(environment: access) { stackjob in
        let jobs = ["jobs", "--queue", queue.endpoint]
        let stranger = try await stackjob.run(jobs)
        #expect(stranger.exit == .code(77) && stranger.stderr.contains("queue.denied"))
        let refused = try await stackjob("worker", "--queue", queue.endpoint, "--until-empty")
        #expect(refused.exit == .code(77) && refused.stderr.contains("queue.denied"))
        let check = try await stackjob("conformance", queue.endpoint)
        #expect(check.exit == .code(77) && check.stdout.isEmpty && check.stderr.contains("queue.denied"))
        let token = try stackjob.file("token", "first-token")
        expect(try await stackjob.run(jobs + ["--token-file", token]), .done)
        let untrusted = try await stackjob.run(jobs, environment: ["STACKJOB_QUEUE_CA_FILE": ""])
        #expect(untrusted.exit == .code(69) && untrusted.stderr.contains("queue.no-answer"))

        let environment = ["STACKJOB_QUEUE_TOKEN_FILE": token]
        let pid = Mutex(0)
        async let worker = stackjob.run(
          ["worker", "--queue", queue.endpoint],
          environment: environment,
          onStart: { started in pid.withLock { $0 = started } }
        )
        try LocalFiles.replace("\(queue.folder)/token", with: Array("second-token".utf8))
        _ = try stackjob.file("token", "second-token\n")
        let submitted = try await stackjob.run(
          [
            "submit", "--queue", queue.endpoint, "--operation", "preview", "--id", "look", "--sandbox",
            "--image",
            "a/b:1", Self.manifest,
          ],
          environment: environment
        )
        expect(submitted, .done)
        expect(
          try await stackjob("logs", "--queue", queue.endpoint, "look", "--follow", environment: environment),
          .done
        )
        kill(pid_t(pid.withLock { $0 }), SIGTERM)
        expect(try await worker, .done)
        isFinished(
          try await stackjob("job", "show", "--queue", queue.endpoint, "look", environment: environment)
            .document(),
          "succeeded"
        )
      }
    }
  }

  @Test func `a job goes through a proxy, in a tunnel for https and as a whole URL for http`() async throws {
    for (scheme, arguments) in [("https", ["--tls", "FOLDER"]), ("http", [])] {
      try await LocalProxy.run { proxy in
        try await LocalQueue.run(arguments) { queue in
          let environment = [
            "STACKJOB_QUEUE_CA_FILE": "\(queue.folder)/ca.pem", "\(scheme)_proxy": proxy.endpoint,
          ]
          try await Product.run(environment: environment) { stackjob in
            try await submit(stackjob, queue, "preview", "look")
            try await work(stackjob, queue)
            isFinished(try await job(stackjob, queue, "look"), "succeeded")
            _ = try await events(stackjob, queue, "look")
            let port = try #require(queue.endpoint.split(separator: ":").last)
            let start = scheme == "https" ? "CONNECT 127.0.0.1:\(port)" : " http://127.0.0.1:\(port)/v1/"
            #expect(!proxy.calls.isEmpty && proxy.calls.allSatisfy { $0.contains(start) }, "\(proxy.calls)")
            // What is told to go past it does.
            let before = proxy.calls.count
            let direct = try await stackjob(
              "jobs",
              "--queue",
              queue.endpoint,
              environment: ["no_proxy": "127.0.0.1"]
            )
            expect(direct, .done)
            #expect(proxy.calls.count == before)
          }
        }
      }
    }
  }

  @Test func `a proxy that refuses is no answer of the server`() async throws {
    try await LocalProxy.run("--refuse") { proxy in
      try await LocalQueue.run("--tls", "FOLDER") { queue in
        let environment = [
          "STACKJOB_QUEUE_CA_FILE": "\(queue.folder)/ca.pem", "https_proxy": proxy.endpoint,
        ]
        try await Product.run(environment: environment) { stackjob in
          let result = try await stackjob("jobs", "--queue", queue.endpoint)
          #expect(result.exit == .code(69) && result.stderr.contains("queue.no-answer"), "\(result.stderr)")
          #expect(!proxy.calls.isEmpty)
        }
      }
    }
  }

  @Test func `a large file is shown without being held in memory`() async throws {
    try await LocalQueue.run { queue in
      let path = "\(queue.folder)/large"
      try LocalFiles.replace(path, with: [UInt8](repeating: 0x70, count: 80 << 20), durably: false)
      let digest = try queue.keepJob("kept", artefact: path)
      try await Product.run { stackjob in
        // What the command took at most is told by the kernel.
        let measure = """
          import resource, subprocess, sys
          done = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "wb"))
          print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
          """
        let result = try await stackjob.run(
          [
            "-c", measure, "\(stackjob.folder)/out", Project.binary, "job", "file", "--queue", queue.endpoint,
            "kept", "attempts/1/outputs.json",
          ],
          executable: "\(Project.root)/.venv/bin/python"
        )
        let words = result.stdout.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(words.count == 2 && words[0] == 0, "\(result.stdout)\(result.stderr)")
        #expect(words[1] < 80 << 10, "\(words[1]) KiB for a file of 80 MiB")
        #expect(try SHA256.digest(ofFile: "\(stackjob.folder)/out") == digest)
      }
    }
  }

  @Test func `the test server keeps to the protocol, and a careless one is found out`() async throws {
    try await Product.run { stackjob in
      try await LocalQueue.run("--lease", "2") { queue in
        let result = try await stackjob("conformance", queue.endpoint, "--output", "json")
        expect(result, .done)
        let checks = try #require(try result.document()["checks"]?.array)
        #expect(
          checks.filter { $0["verdict"] != "kept" }.map { $0["check"]?.string } == [
            "without its token a request is 401"
          ]
        )
      }
      try await LocalQueue.run("--lease", "2", "--careless") { queue in
        let result = try await stackjob("conformance", queue.endpoint, "--output", "json")
        expect(result, .failed)
        let checks = try #require(try result.document()["checks"]?.array)
        let broken = checks.filter { $0["verdict"] == "broken" }.compactMap { $0["check"]?.string }
        #expect(
          broken == [
            "a lease is renewed with its token, and refused with another (409)",
            "a log that is not whole keeps the report out (412), until it is",
            "at the end nothing waits and nothing runs",
          ]
        )
      }
    }
  }
}
