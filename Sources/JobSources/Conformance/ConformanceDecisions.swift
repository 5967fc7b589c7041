import StackModel

extension Conformance {
  private static let digest = String(repeating: "ab12", count: 16)

  /// A job whose plan waits for a decision.
  private func waiting(_ id: String) throws(Stop) -> Wire.Claim {
    let claim = try claimed(id, asks: true)
    try require(claim.job.step == .plan, "a job that asks before its change begins with \(claim.job.step)")
    try expect(200, of: artefact(claim, "plan/plan.json", "{}"))
    try expect(200, of: artefact(claim, "attempts/1/result.md", "a plan"))
    try expect(200, of: report(claim, .settled(.awaitingApproval(digest: Self.digest))))
    let job = try job(id)
    try require(job.status == .awaitingApproval && job.digest == Self.digest, job.json.text())
    return claim
  }

  static let decisions: [Check] = [
    Check("decide", "a job that waits is cancelled at once, twice is once") { run throws(Stop) in
      let id = run.newID()
      try run.submit(id)
      let job = try run.expect(QueuedJob.self, of: run.ask("cancel", id))
      try run.require(job.status == .completed && job.result == .cancelled, job.json.text())
      try run.expect(200, of: run.ask("cancel", id))
      let claim = try run.claim()
      try run.require(claim == nil, "a cancelled job was given out")
    },
    Check("decide", "a job that runs hears of its cancelling by renewals and pieces") { run throws(Stop) in
      let id = run.newID()
      let claim = try run.claimed(id)
      let before = try run.expect(Wire.LeaseReply.self, of: run.renewal(claim))
      try run.require(before.control.cancelBy == nil, "cancelled before anybody asked")
      try run.expect(200, of: run.ask("cancel", id))
      let renewal = try run.expect(Wire.LeaseReply.self, of: run.renewal(claim))
      try run.require(renewal.control.cancelBy == "conformance", "a renewal does not say so")
      let piece = try run.expect(Wire.LeaseReply.self, of: run.piece(claim, at: 0, "{}\n"))
      try run.require(piece.control.cancelBy == "conformance", "the answer to a piece does not say so")
      let ending = Wire.Report.Ending.settled(
        .completed(.cancelled, exitCode: 130, reason: nil, diagnostics: [])
      )
      try run.expect(200, of: run.report(claim, ending, log: "{}\n"))
    },
    Check("decide", "an approval names the plan, and the next claim has it") { run throws(Stop) in
      let id = run.newID()
      let first = try run.waiting(id)
      let early = try run.claim()
      try run.require(early == nil, "a job that waits for a decision was given out")
      try run.expect(409, of: run.ask("approve", id, digest: "0123456789ab"))
      try run.expect(409, of: run.ask("approve", id, digest: String(digest.prefix(11))))
      try run.expect(200, of: run.ask("approve", id, digest: String(digest.prefix(12))))
      let claim = try run.claim(of: id)
      try run.require(
        claim.job.step == .applyPlan && claim.job.decidedBy == "conformance" && claim.token > first.token,
        claim.job.json.text()
      )
      try run.require(
        claim.decision?["approved"]?.bool == true && claim.decision?["digest"]?.string == digest
          && claim.decision?["by"]?.string == "conformance",
        "decision: \(claim.decision?.text() ?? "none")"
      )
      try run.require(
        claim.artefacts.map(\.name) == ["plan/plan.json"],
        "files: \(claim.artefacts.map(\.name))"
      )
      try run.end(claim)
    },
    Check("decide", "a rejected job is over") { run throws(Stop) in
      let id = run.newID()
      _ = try run.waiting(id)
      let job = try run.expect(QueuedJob.self, of: run.ask("reject", id, reason: "no"))
      try run.require(job.status == .completed && job.result == .rejected, job.json.text())
      try run.expect(409, of: run.ask("approve", id, digest: digest))
    },
    Check("decide", "a job that has ended runs again when asked, one that has not is 409") {
      run throws(Stop) in
      let id = run.newID()
      let first = try run.claimed(id)
      try run.expect(409, of: run.ask("rerun", id))
      try run.end(first)
      let job = try run.expect(QueuedJob.self, of: run.ask("rerun", id))
      try run.require(job.status == .queued && job.result == nil, job.json.text())
      let second = try run.claim(of: id)
      try run.require(second.job.attempts == 2 && second.token > first.token, second.job.json.text())
      try run.end(second)
    },
  ]

  static let access: [Check] = [
    Check("access", "without its token a request is 401") { run throws(Stop) in
      guard run.endpoint.access.tokenFile != nil else { throw .skipped("no token was given") }
      var stranger = run.endpoint
      stranger.access.tokenFile = nil
      try Conformance(stranger).expect(401, of: Request("GET", "/queue"))
    },
    Check("access", "at the end nothing waits and nothing runs") { run throws(Stop) in
      let state = try run.expect(Wire.QueueState.self, of: Request("GET", "/queue"))
      try run.require(state.queued == 0 && state.running == 0, state.json.text())
    },
  ]
}
