import LocalFiles
import StackModel
import Testing
import WorkerConformance

/// `stackjob conformance --worker`, by the built binary: with our own worker, and with small ones that are right or wrong.
@Suite(.needsTools, .timeLimit(.minutes(30))) struct WorkerConformanceTests {
  private static let python = "\(Project.root)/.venv/bin/python"
  private static let worker = [python, "\(Project.root)/scripts/queue-worker", "{url}"]

  private func check(_ stackjob: Product, _ arguments: [String], _ worker: [String]) async throws
    -> (exit: Product.Result, checks: [JSONValue])
  {
    let result = try await stackjob.run(
      ["conformance", "--worker", "--output", "json"] + arguments + ["--"] + worker
    )
    return (result, try #require(try result.document()["checks"]?.array, "\(result.stderr)"))
  }

  private func isKept(_ checks: [JSONValue]) {
    #expect(checks.count == WorkerConformance.checks.count)
    for check in checks { #expect(check["verdict"] == "kept", "\(check.text())") }
  }

  @Test func `our own worker keeps to the protocol, with the real Terraform and a played cloud`() async throws
  {
    try await Product.run { stackjob in
      let (exit, checks) = try await check(stackjob, [], [Project.binary, "worker", "--queue", "{url}"])
      isKept(checks)
      expect(exit, .done)
      // Nothing of what was refused, lost or taken is left behind.
      let spools = try LocalFiles.list("\(stackjob.stateHome)/spool")
      for spool in spools {
        #expect(try LocalFiles.list("\(stackjob.stateHome)/spool/\(spool)/jobs").isEmpty)
      }
    }
  }

  @Test func `a worker that is not ours and keeps to the protocol passes`() async throws {
    try await Product.run { stackjob in
      let (exit, checks) = try await check(stackjob, [], Self.worker)
      isKept(checks)
      expect(exit, .done)
    }
  }

  /// What a worker does wrong, and the checks that are meant for it.
  private static let faults: [(fault: String, checks: [String])] = [
    ("nameless", ["a request for a job says who asks, and how long it would wait"]),
    ("impatient", ["a request that the server holds is waited for, with no other beside it"]),
    ("unconfirmed", ["a job is confirmed, with its stack, before anything else is said of it"]),
    ("wrong-token", ["every request for a job has its token and its attempt"]),
    ("overlap", ["each piece begins where the last answer said, the first at 0"]),
    ("unnumbered", ["the log is lines of JSON, numbered from 1 without a gap"]),
    ("no-digest", ["it has size and SHA-256 of the log that came"]),
    ("wrong-end", ["it says how the job ended"]),
    ("wrong-digest", ["files come before it, each with its digest"]),
    ("late-files", ["files come before it, each with its digest"]),
    ("talks-on", ["it comes once, and nothing for the job after it"]),
    ("reuses-request", ["a request that was answered is not made again by its name"]),
    (
      "hasty",
      [
        "204 with Retry-After: the next request comes no sooner",
        "401 and 403 are tried again, with pauses that grow", "5xx is tried again, with pauses that grow",
        "429: the next request comes not before Retry-After",
        "POST lease: 503 and 429 put it off, the latter until Retry-After",
        "PUT events: 503 and 429 put it off, the latter until Retry-After",
        "PUT artefacts: 503 and 429 put it off, the latter until Retry-After",
        "PUT result: 503 and 429 put it off, the latter until Retry-After",
      ]
    ),
    ("hammers-paused", ["a worker that is told to pause asks after a while whether it is over"]),
    ("never-back", ["a worker that is told to pause asks after a while whether it is over"]),
    (
      "runs-refused",
      [
        "a claim whose confirmation is 409 is dropped", "a claim whose confirmation is 423 is dropped",
        "a claim whose confirmation is 404 is dropped",
      ]
    ),
    ("forgets-request", ["a request for a job without an answer is made again by its name"]),
    ("bold", ["a confirmation without an answer is made again"]),
    ("assumes", ["a piece without an answer is sent again, and the log is whole"]),
    (
      "once-file",
      [
        "a file without an answer is sent again",
        "a file that did not arrive as it was sent (412) is sent again",
      ]
    ),
    ("another-report", ["a report without an answer is sent again, the same"]),
    ("once-report", ["a report without an answer is sent again, the same"]),
    (
      "ignores-rewind",
      [
        "a server that has lost the end of it gets it again, from the offset of its answer",
        "a piece that is 416 is sent from the offset that the answer names",
      ]
    ),
    ("keeps-log", ["a report that is 412 comes again after the log, which then is whole"]),
    ("repeats-file", ["a file that is too large for the server (413) keeps no report back"]),
    ("never-renews", ["it is renewed within its time, also while the log is put off"]),
    ("renews-always", ["it is not renewed much more often than the server asks"]),
    ("keeps-bad", ["a job that cannot be read ends as failed, with what is wrong"]),
    ("repeats-report", ["a report that is wrong in itself (422) is not sent again"]),
    ("ignores-loss", ["a claim that is over (409) is left alone"]),
    (
      "no-next",
      ["the next job is asked for when one has ended", "the next job is asked for after a claim was lost"]
    ),
    ("ignores-cancel", ["a job that is cancelled ends as cancelled"]),
    ("no-plan", ["a job that asks first ends its attempt with a plan and its digest"]),
    ("holds", ["a job that waits for a decision holds no worker"]),
    ("trusts-plan", ["the approved plan is fetched, and fetched again when a byte is wrong"]),
    ("old-token", ["the approved plan is carried out, with the token of the new claim"]),
    ("drops-drained", ["a worker that is told to drain lets its job end"]),
    ("claims-drained", ["nothing is claimed after a drain"]),
    ("stays", ["a worker that has drained ends"]),
  ]

  @Test(arguments: faults) func `what a worker does wrong is seen by the check that is meant for it`(
    fault: (fault: String, checks: [String])
  ) async throws {
    try await Product.run { stackjob in
      let only = fault.checks.flatMap { ["--only", $0] }
      let (exit, checks) = try await check(
        stackjob,
        only + ["--patience", "6"],
        Self.worker + ["--fault", fault.fault]
      )
      expect(exit, .failed)
      let broken = checks.filter { $0["verdict"] == "broken" }.compactMap { $0["check"]?.string }
      #expect(Set(broken) == Set(fault.checks), "\(fault.fault): \(checks.map { $0.text() })")
      for check in checks {
        let reason = check["reason"]?.string ?? ""
        #expect(reason.contains("expected") && reason.contains("saw"), "\(reason)")
      }
    }
  }

  @Test func `each check has a worker that breaks it`() {
    #expect(Set(Self.faults.flatMap(\.checks)) == Set(WorkerConformance.checks.map(\.check)))
  }

  @Test func `a wrong command line says what is meant`() async throws {
    try await Product.run { stackjob in
      for (arguments, words) in [
        (["--worker", "http://127.0.0.1:1"], "--worker takes no URL"),
        ([], "give the URL of a queue, or --worker"),
        (["--worker", "--listen", "here"], "expected HOST:PORT"),
        (["--worker", "--only", "nothing like it"], "no check has that"),
        (["http://127.0.0.1:1", "--", "true"], "a command is for --worker"),
      ] {
        let result = try await stackjob.run(["conformance"] + arguments)
        #expect(result.exit == .code(64) && result.stderr.contains(words), "\(result.stderr)")
      }
      let missing = try await stackjob("conformance", "--worker", "--", "no-such-worker")
      #expect(missing.exit == .code(69) && missing.stderr.contains("worker.missing"), "\(missing.stderr)")
      let ended = try await check(
        stackjob,
        ["--only", "claim", "--patience", "5"],
        ["/bin/sh", "-c", "echo no >&2; exit 3"]
      )
      expect(ended.exit, .failed)
      #expect(ended.checks.first?["reason"]?.string?.contains("exit code 3, after it said: no") == true)
    }
  }
}
