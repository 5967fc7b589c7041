import CurlHTTP
import StackModel
import Synchronization

extension Conformance {
  static let submission: [Check] = [
    Check("submit", "the queue says how full it is, and nobody else uses it") { run throws(Stop) in
      let state = try run.expect(Wire.QueueState.self, of: Request("GET", "/queue"))
      try run.require(
        state.queued == 0 && state.running == 0,
        "\(state.queued) jobs wait and \(state.running) run; give the URL of an empty queue"
      )
    },
    Check("submit", "a new job is 201, the same again 200, another of its id 409") { run throws(Stop) in
      let id = run.newID()
      let made = try run.expect(QueuedJob.self, 201, of: run.submission(id))
      try run.require(made.id == id && made.status == .queued && made.attempts == 0, made.json.text())
      _ = try run.expect(QueuedJob.self, 200, of: run.submission(id))
      try run.expect(409, of: run.submission(id, priority: 7))
      try run.expect(200, of: run.ask("cancel", id))
    },
    Check("submit", "what is no job is 422, what is not there 404") { run throws(Stop) in
      try run.expect(422, of: run.submission("-not-an-id"))
      try run.expect(422, of: Request("PUT", "/jobs/\(run.newID())", body: Array("{\"by\": 1}".utf8)))
      try run.expect(422, of: Request("PUT", "/jobs/\(run.newID())", body: Array("{".utf8)))
      try run.expect(404, of: Request("GET", "/jobs/\(run.newID())"))
    },
    Check("submit", "jobs are listed in the order of submission, and by status") { run throws(Stop) in
      let ids = [run.newID(), run.newID(), run.newID()]
      for id in ids { try run.submit(id) }
      func listed(_ query: String) throws(Stop) -> [String] {
        var found: [String] = []
        var after: String?
        repeat {
          let path = "/jobs\(query)" + (after.map { "\(query.isEmpty ? "?" : "&")after=\($0)" } ?? "")
          let page = try run.expect(Wire.JobPage.self, of: Request("GET", path))
          found += page.jobs.map(\.id)
          after = page.next
        } while after != nil
        return found
      }
      let all = try listed("").filter(ids.contains)
      try run.require(all == ids, "submitted \(ids), listed \(all)")
      try run.expect(200, of: run.ask("cancel", ids[0]))
      let queued = try listed("?status=queued").filter(ids.contains)
      try run.require(queued == Array(ids[1...]), "expected \(ids[1...]), listed \(queued)")
      for id in ids[1...] { try run.expect(200, of: run.ask("cancel", id)) }
    },
  ]

  static let claims: [Check] = [
    Check("claim", "nothing to run is 204, at once when no wait is asked for") { run throws(Stop) in
      let watch = Elapsed()
      try run.expect(204, of: run.claimRequest())
      try run.require(watch.seconds < 5, "answered after \(Int(watch.seconds)) s")
    },
    Check("claim", "a request that waits ends with the job that comes") { run throws(Stop) in
      let id = run.newID()
      let outcome = Mutex<Result<Wire.Claim?, Stop>?>(nil)
      let bell = Bell()
      BackgroundThread.start {
        let result = Result { () throws(Stop) in
          // A connection of its own: the other one is in use.
          try Conformance(run.endpoint).claim(wait: 20)
        }
        outcome.withLock { $0 = result }
        bell.ring()
      }
      Bell().wait(seconds: 0.3)
      let watch = Elapsed()
      try run.submit(id)
      bell.wait(seconds: 25)
      guard let result = outcome.withLock({ $0 }) else { throw .broken("no answer within 25 s") }
      guard let claim = try result.get() else { throw .broken("204, though there was a job") }
      try run.require(claim.job.id == id, "claimed \(claim.job.id)")
      try run.require(watch.seconds < 10, "answered \(Int(watch.seconds)) s after the job was there")
      try run.end(claim)
    },
    Check("claim", "a claim has the document as submitted, a token and a lease") { run throws(Stop) in
      let id = run.newID()
      let claim = try run.claimed(id)
      try run.require(claim.document == run.document(), "the document is another: \(claim.document)")
      try run.require(
        claim.job.status == .running && claim.job.attempts == 1 && claim.job.step == .whole,
        claim.job.json.text()
      )
      try run.end(claim)
    },
    Check("claim", "the same request gets the same claim, another one nothing") { run throws(Stop) in
      let id = run.newID()
      try run.submit(id)
      let first = try run.claim("same-\(id)")
      let again = try run.claim("same-\(id)")
      try run.require(
        first?.token != nil && first?.token == again?.token && again?.job.id == id,
        "the second answer has token \(again.map { String($0.token) } ?? "-")"
      )
      let other = try run.claim()
      try run.require(other == nil, "job \(id) was claimed twice")
      if let first { try run.end(first) }
    },
    Check("claim", "a request that is taken back gives its claim back") { run throws(Stop) in
      let id = run.newID()
      try run.submit(id)
      _ = try run.claim("back-\(id)")
      try run.expect(200, 204, of: Request("DELETE", "/claims/back-\(id)"))
      let job = try run.job(id)
      try run.require(job.status == .queued && job.attempts == 0, job.json.text())
      let claim = try run.claim(of: id)
      try run.end(claim)
    },
    Check("claim", "a claim that is released does not count") { run throws(Stop) in
      let id = run.newID()
      let first = try run.claimed(id)
      try run.expect(200, of: run.report(first, .released(reason: "a check")))
      let second = try run.claim(of: id)
      try run.require(second.job.attempts == 1, "attempts: \(second.job.attempts)")
      try run.require(second.token > first.token, "tokens: \(first.token), then \(second.token)")
      try run.end(second)
    },
    Check("claim", "a claim that nobody confirms is given to another when its lease is over") {
      run throws(Stop) in
      let id = run.newID()
      let first = try run.claimed(id)
      guard first.lease.seconds <= 5 else {
        try run.end(first)
        throw .skipped("the lease is \(first.lease.seconds) s; give the server one of 5 s or less")
      }
      let watch = Elapsed()
      var second: Wire.Claim?
      while second == nil, watch.seconds < first.lease.seconds + 10 { second = try run.claim(wait: 1) }
      guard let second else { throw .broken("no second claim within \(Int(watch.seconds)) s") }
      try run.require(second.job.id == id && second.token > first.token, second.json.text())
      try run.expect(409, of: run.renewal(first))
      try run.end(second)
    },
  ]

  static let stacks: [Check] = [
    Check("order", "higher priority comes first, then the order of submission") { run throws(Stop) in
      let ids = [run.newID(), run.newID(), run.newID()]
      try run.submit(ids[0])
      try run.submit(ids[1], priority: 5)
      try run.submit(ids[2])
      var order: [String] = []
      for _ in ids {
        guard let claim = try run.claim() else { break }
        order.append(claim.job.id)
        try run.end(claim)
      }
      try run.require(order == [ids[1], ids[0], ids[2]], "submitted \(ids), claimed \(order)")
    },
    Check("order", "two jobs of one stack never run at once") { run throws(Stop) in
      let (first, second) = (run.newID(), run.newID())
      let stack = "o/e/K/\(first)"
      let claim = try run.claimed(first, stack: stack)
      try run.submit(second, stack: stack)
      let early = try run.claim()
      try run.require(early == nil, "\(second) was given out while \(first) runs")
      try run.end(claim)
      try run.end(try run.claim(of: second))
    },
    Check("order", "a stack that a worker finds out and that is busy is 423, and the job waits again") {
      run throws(Stop) in
      let (first, second) = (run.newID(), run.newID())
      let stack = "o/e/K/\(first)"
      let claim = try run.claimed(first)
      try run.expect(200, of: run.renewal(claim, stack: stack))
      let other = try run.claimed(second)
      try run.expect(423, of: run.renewal(other, stack: stack))
      let job = try run.job(second)
      try run.require(job.status == .queued && job.attempts == 0, job.json.text())
      try run.end(claim)
      try run.end(try run.claim(of: second))
    },
  ]
}
