import CurlHTTP
import StackModel

extension Conformance {
  private static let log = "{\"seq\":1}\n{\"seq\":2,\"text\":\"äöü\"}\n{\"seq\":3}\n"

  static let logs: [Check] = [
    Check("events", "a lease is renewed with its token, and refused with another (409)") { run throws(Stop) in
      let claim = try run.claimed(run.newID())
      let reply = try run.expect(Wire.LeaseReply.self, of: run.renewal(claim))
      try run.require(reply.offset == 0, "the log has \(reply.offset) bytes before anything was sent")
      var wrong = claim
      wrong.token += 1
      try run.expect(409, of: run.renewal(wrong))
      try run.expect(409, of: run.piece(wrong, at: 0, log))
      try run.end(claim)
    },
    Check("events", "pieces are appended, and the answer is how much there is") { run throws(Stop) in
      let claim = try run.claimed(run.newID())
      let (head, tail) = (String(log.prefix(10)), String(log.dropFirst(10)))
      var reply = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 0, head))
      try run.require(reply.offset == 10, "10 bytes were sent, the server has \(reply.offset)")
      reply = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 10, tail))
      try run.require(reply.offset == log.utf8.count, "the server has \(reply.offset)")
      reply = try run.expect(Wire.LeaseReply.self, of: run.renewal(claim))
      try run.require(reply.offset == log.utf8.count, "a renewal says \(reply.offset)")
      try run.expect(200, of: run.report(claim, succeeded, log: log))
      try run.checkLog(claim, log)
    },
    Check("events", "a piece that comes twice, or overlaps, is there once") { run throws(Stop) in
      let claim = try run.claimed(run.newID())
      _ = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 0, log))
      let again = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 0, log))
      try run.require(again.offset == log.utf8.count, "after the same piece again: \(again.offset)")
      let tail = String(log.dropFirst(5))
      let over = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 5, tail))
      try run.require(over.offset == log.utf8.count, "after a piece from within: \(over.offset)")
      try run.expect(200, of: run.report(claim, succeeded, log: log))
      try run.checkLog(claim, log)
    },
    Check("events", "a piece that leaves a gap is 416, with where to go on") { run throws(Stop) in
      let claim = try run.claimed(run.newID())
      _ = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 0, "{}\n"))
      let refused = try run.expect(416, of: run.piece(claim, at: 100, log))
      try run.require(
        refused.document(Wire.Problem.self)?.offset == 3,
        "expected `offset` 3: \(String(decoding: refused.body, as: UTF8.self))"
      )
      try run.expect(200, of: run.report(claim, succeeded, log: "{}\n"))
    },
    Check("events", "a log that is not whole keeps the report out (412), until it is") { run throws(Stop) in
      let claim = try run.claimed(run.newID())
      let wrong = log.replacing("1", with: "9")
      _ = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 0, wrong))
      let refused = try run.expect(412, of: run.report(claim, succeeded, log: log))
      guard let offset = refused.document(Wire.Problem.self)?.offset, offset <= log.utf8.count else {
        throw .broken("412 without an `offset` to go on from")
      }
      let rest = String(decoding: Array(log.utf8)[offset...], as: UTF8.self)
      _ = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: offset, rest))
      try run.expect(200, of: run.report(claim, succeeded, log: log))
      try run.checkLog(claim, log)
    },
  ]

  func checkLog(_ claim: Wire.Claim, _ log: String) throws(Stop) {
    for offset in [0, 7, log.utf8.count] {
      let path = "/jobs/\(claim.job.id)/attempts/\(claim.job.attempts)/events?offset=\(offset)"
      let reply = try expect(200, of: Request("GET", path))
      try require(
        reply.body == Array(Array(log.utf8)[offset...]) && reply.headers[Wire.offsetHeader] == String(offset),
        "the log from byte \(offset) is not what was sent"
      )
    }
  }

  static let reports: [Check] = [
    Check("result", "the same report again is 200, another one 409") { run throws(Stop) in
      let id = run.newID()
      let claim = try run.claimed(id)
      let failed = Wire.Report.Ending.settled(
        .completed(.failed, exitCode: 1, reason: "a check", diagnostics: [["code": "a"]])
      )
      let job = try run.expect(QueuedJob.self, of: run.report(claim, failed))
      try run.require(
        job.status == .completed && job.result == .failed && job.exitCode == 1 && job.reason == "a check"
          && job.diagnostics == [["code": "a"]],
        job.json.text()
      )
      _ = try run.expect(QueuedJob.self, of: run.report(claim, failed))
      try run.expect(409, of: run.report(claim, succeeded))
      let after = try run.job(id)
      try run.require(after.result == .failed, "the second report has changed the result")
    },
    Check("result", "after the report nothing is taken in its name (409)") { run throws(Stop) in
      let claim = try run.claimed(run.newID())
      try run.end(claim)
      try run.expect(409, of: run.piece(claim, at: 0, log))
      try run.expect(409, of: run.renewal(claim))
      try run.expect(409, of: run.artefact(claim, "attempts/1/result.md", "late"))
    },
    Check("result", "a report that makes no sense is 422") { run throws(Stop) in
      let claim = try run.claimed(run.newID())
      let good = run.report(claim, succeeded)
      let body = String(decoding: good.body ?? [], as: UTF8.self).replacing("succeeded", with: "splendid")
      try run.expect(
        422,
        of: Request("PUT", good.path, headers: run.header(claim), body: Array(body.utf8))
      )
      try run.end(claim)
    },
    Check("result", "artefacts come back as they were sent, and damaged ones are 412") { run throws(Stop) in
      let id = run.newID()
      let claim = try run.claimed(id)
      let name = "attempts/1/result.md"
      let kept = try run.expect(Wire.Artefact.self, of: run.artefact(claim, name, "# äöü\n"))
      try run.require(kept.name == name && kept.size == 9, kept.json.text())
      try run.expect(200, of: run.artefact(claim, name, "# äöü\n"))
      try run.expect(412, of: run.artefact(claim, "plan/a", "b", digest: String(repeating: "0", count: 64)))
      let reply = try run.expect(200, of: Request("GET", "/jobs/\(id)/artefacts/\(name)"))
      try run.require(reply.body == Array("# äöü\n".utf8), "the artefact came back changed")
      let view = try run.expect(Wire.JobView.self, of: Request("GET", "/jobs/\(id)"))
      try run.require(view.artefacts == [kept], "listed: \(view.artefacts.map(\.name))")
      try run.expect(404, of: Request("GET", "/jobs/\(id)/artefacts/none"))
      try run.end(claim)
    },
    Check("result", "an attempt to be tried again is, three times at most") { run throws(Stop) in
      let id = run.newID()
      var claim = try run.claimed(id)
      for attempt in 1...3 {
        try run.require(claim.job.attempts == attempt, "attempt \(claim.job.attempts) instead of \(attempt)")
        try run.expect(200, of: run.report(claim, .settled(.retry(reason: "a check"))))
        if attempt < 3 { claim = try run.claim(of: id) }
      }
      let job = try run.job(id)
      try run.require(
        job.result == .failed && job.isDeadLetter && job.interrupted == [1, 2, 3],
        job.json.text()
      )
    },
    Check("result", "an attempt that found its stack locked is not offered again at once, and counts no loss")
    {
      run throws(Stop) in
      let id = run.newID()
      try run.expect(
        200,
        of: run.report(try run.claimed(id), .settled(.wait(reason: "waits: locked by a check")))
      )
      let job = try run.job(id)
      try run.require(
        job.status == .queued && job.reason == "waits: locked by a check" && job.interrupted.isEmpty,
        job.json.text()
      )
      let again = try run.claim()
      try run.require(again == nil, "it was given out again at once")
      try run.expect(200, of: run.ask("cancel", id))
    },
    Check("result", "an interrupted change is looked at next, and its reason kept") { run throws(Stop) in
      let id = run.newID()
      try run.expect(200, of: run.report(try run.claimed(id), .settled(.inspect(reason: "cut short"))))
      let look = try run.claim(of: id)
      try run.require(look.job.step == .inspect && look.job.reason == "cut short", look.job.json.text())
      let ending = Wire.Report.Ending.settled(
        .completed(.interrupted, exitCode: 0, reason: "cut short; nothing is left", diagnostics: [])
      )
      try run.expect(200, of: run.report(look, ending))
    },
  ]
}
