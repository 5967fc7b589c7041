import JobSources
import StackModel

extension Scene {
  private static let written: [Call.Step] = [.lease, .events, .artefact, .result]

  /// Of each request the answer is lost, then is a proxy's page, then ends in the middle.
  static let lost = Scene(
    script: { kit in
      Script(
        jobs: [kit.job("lost-replies")],
        twists: ([.claim] + written).flatMap { step in
          [Twist.What.cut, .page, .half].map { Twist(step, $0) }
        }
      )
    },
    checks: [
      Check("lost", "a request for a job without an answer is made again by its name") { seen throws(Stop) in
        let job = try seen.job()
        let claims = seen.calls(.claim).filter { $0.arrived < (job.over ?? .infinity) }
        try require(
          claims.count > 3,
          "expected POST /v1/claims until it is answered, saw \(claims.count) of 4"
        )
        for call in claims.prefix(4) {
          let name = call.json?["request"]?.string
          try require(
            name == job.request,
            "expected `request` \(job.request ?? "") again, saw \(name ?? "none")"
          )
        }
        try require(job.attempts == 1, "expected one attempt, saw \(job.attempts)")
      },
      Check("lost", "a confirmation without an answer is made again") { seen throws(Stop) in
        let job = try seen.job()
        let calls = seen.calls(of: job)
        try require(
          calls.count > 3 && calls.prefix(4).allSatisfy { $0.step == .lease },
          "expected POST lease until it is answered, saw \(calls.prefix(4).map(\.words).joined(separator: ", "))"
        )
      },
      Check("lost", "a piece without an answer is sent again, and the log is whole") { seen throws(Stop) in
        try requireOffsets(seen, try seen.job())
        try seen.requireWhole()
      },
      Check("lost", "a file without an answer is sent again") { seen throws(Stop) in
        let (job, _) = try seen.ended()
        let files = seen.calls(.artefact, of: job.id)
        guard !files.isEmpty else { throw .skipped("no files came") }
        for name in Set(files.compactMap(\.name)) {
          try require(
            files.contains { $0.name == name && $0.isHeard },
            "expected \(name) until it is answered, saw it \(files.count { $0.name == name }) times without"
          )
        }
      },
      Check("lost", "a report without an answer is sent again, the same") { seen throws(Stop) in
        let (job, report) = try seen.ended()
        let reports = seen.calls(.result, of: job.id)
        for call in reports {
          try require(call.json == report, "expected the same report, saw \(call.json?.text() ?? "no JSON")")
        }
        try require(
          reports.count == 4,
          "expected the report 4 times, saw it \(reports.count) times" + seen.because
        )
      },
    ]
  )

  /// Each request is put off, by 503 and then by 429.
  static let putOff = Scene(
    script: { kit in
      Script(
        jobs: [kit.job("put-off")],
        twists: written.flatMap { step in [Twist(step, .status(503)), Twist(step, .status(429, after: 1))] }
      )
    },
    checks: written.map { step in
      Check("pauses", "\(step.rawValue): 503 and 429 put it off, the latter until Retry-After") {
        seen throws(Stop) in
        let job = try seen.job()
        let calls = seen.calls(step, of: job.id)
        if step == .artefact, calls.isEmpty { throw .skipped("no files came") }
        guard let first = calls.first(where: { $0.status == 503 }) else {
          throw .broken("expected \(step.rawValue), saw none" + seen.because)
        }
        try seen.requirePause(after: first, in: calls, 0.05)
        guard let second = calls.first(where: { $0.status == 429 }) else {
          throw .broken("expected \(step.rawValue) again after 503, saw nothing" + seen.because)
        }
        try seen.requirePause(after: second, in: calls, 1)
        _ = try seen.ended()
      }
    }
  )

  static let rewinds = Scene(
    script: { kit in
      Script(
        jobs: [kit.job("rewinds")],
        twists: [
          Twist(.events, .rewind), Twist(.events, .gap, skips: 1), Twist(.artefact, .status(412)),
          Twist(.artefact, .status(413)), Twist(.result, .forget),
        ]
      )
    },
    checks: [
      Check("log", "a server that has lost the end of it gets it again, from the offset of its answer") {
        seen throws(Stop) in
        let job = try seen.job()
        let pieces = seen.calls(.events, of: job.id)
        guard let first = pieces.first(where: { $0.status == 200 }), let told = first.told else {
          throw .broken("expected a piece of the log, saw none" + seen.because)
        }
        try seen.requirePiece(from: told, after: first, in: pieces)
      },
      Check("log", "a piece that is 416 is sent from the offset that the answer names") { seen throws(Stop) in
        let job = try seen.job()
        let pieces = seen.calls(.events, of: job.id)
        guard let refused = pieces.first(where: { $0.status == 416 }), let told = refused.told else {
          throw .broken("expected more pieces of the log, saw \(pieces.count)" + seen.because)
        }
        try seen.requirePiece(from: told, after: refused, in: pieces)
      },
      Check("log", "a report that is 412 comes again after the log, which then is whole") {
        seen throws(Stop) in
        let (job, _) = try seen.ended()
        guard let refused = seen.calls(.result, of: job.id).first(where: { $0.status == 412 }) else {
          throw .broken("expected a report, saw none" + seen.because)
        }
        let next = seen.calls(.events, of: job.id).first { $0.arrived > refused.arrived }
        try require(next?.offset == 0, "expected the log again from byte 0, saw \(next?.words ?? "none")")
        try seen.requireWhole()
        let own = job.reports.last.map { Digest.of($0.log) }
        try require(
          own == Digest.of(job.history),
          "expected the whole log again, saw \(job.log.count) of \(job.history.count) bytes"
        )
      },
      Check("report", "a file that did not arrive as it was sent (412) is sent again") { seen throws(Stop) in
        let job = try seen.job()
        let files = seen.calls(.artefact, of: job.id)
        guard let refused = files.first(where: { $0.status == 412 }) else { throw .skipped("no files came") }
        try require(
          files.contains { $0.arrived > refused.arrived && $0.name == refused.name },
          "expected \(refused.name ?? "") again, saw nothing" + seen.because
        )
      },
      Check("report", "a file that is too large for the server (413) keeps no report back") {
        seen throws(Stop) in
        let job = try seen.job()
        let files = seen.calls(.artefact, of: job.id)
        guard let refused = files.first(where: { $0.status == 413 }) else { throw .skipped("no files came") }
        try require(
          !files.contains { $0.arrived > refused.arrived && $0.name == refused.name },
          "expected \(refused.name ?? "") to be left out, saw it again"
        )
        _ = try seen.ended()
      },
    ]
  )

  private static let keptLease = Wire.Lease(seconds: 6, renewSeconds: 0.5)

  /// The log cannot be taken for longer than the lease lasts.
  static let kept = Scene(
    script: { kit in
      Script(
        jobs: [kit.job("kept")],
        twists: [Twist(.events, .status(429, after: keptLease.seconds + 2))],
        lease: keptLease
      )
    },
    checks: [
      Check("lease", "it is renewed within its time, also while the log is put off") { seen throws(Stop) in
        let (job, _) = try seen.ended()
        let renewals = seen.calls(of: job).filter { $0.status == 200 && [.lease, .events].contains($0.step) }
        let gap = seen.pauses(renewals).max() ?? 0
        let last = (seen.calls(.result, of: job.id).first?.arrived ?? 0) - (renewals.last?.answered ?? 0)
        try require(
          max(gap, last) <= keptLease.seconds,
          "expected a renewal within each \(keptLease.seconds.short) s, saw none for \(max(gap, last).short) s"
        )
      },
      Check("lease", "it is not renewed much more often than the server asks") { seen throws(Stop) in
        let (job, _) = try seen.ended()
        let renewals = seen.calls(.lease, of: job.id)
        let span = (job.over ?? 0) - (renewals.first?.arrived ?? 0)
        let most = Int(3 * span / keptLease.renewSeconds) + 10
        try require(
          renewals.count <= most,
          "expected one each \(keptLease.renewSeconds.short) s, saw \(renewals.count) in \(span.short) s"
        )
      },
    ]
  )

  static let unreadable = Scene(
    script: { kit in
      Script(
        jobs: [kit.unreadable("unreadable"), kit.unreadable("unwanted")],
        twists: [Twist(.result, .status(422), skips: 1)]
      )
    },
    checks: [
      Check("report", "a job that cannot be read ends as failed, with what is wrong") { seen throws(Stop) in
        let (_, report) = try seen.ended()
        try require(
          report["settlement"] == "completed" && report["result"] == "failed",
          "expected `result` failed, saw \(report.text())"
        )
        try require(
          report["diagnostics"]?.array?.isEmpty == false || report["reason"]?.string?.isEmpty == false,
          "expected `diagnostics` or a `reason`, saw neither"
        )
      },
      Check("report", "a report that is wrong in itself (422) is not sent again") { seen throws(Stop) in
        let job = try seen.job(1)
        guard let call = seen.calls(.result, of: job.id).first(where: { $0.status == 422 }) else {
          throw .broken("expected a report, saw none" + seen.because)
        }
        try requireSilence(seen, job, after: call.answered ?? 0, "its report was refused")
      },
    ]
  )

  static let over = Scene(
    script: { kit in
      Script(jobs: [kit.job("over", .update)], twists: [Twist(.events, .status(409), skips: 1)])
    },
    checks: [
      Check("lease", "a claim that is over (409) is left alone") { seen throws(Stop) in
        let job = try seen.job()
        guard let call = seen.calls(of: job).first(where: { $0.status == 409 }) else {
          throw .broken(
            "expected a second piece of the log, saw \(seen.calls(.events, of: job.id).count)" + seen.because
          )
        }
        try requireSilence(seen, job, after: call.answered ?? 0, "its claim was over")
      },
      Check("lease", "the next job is asked for after a claim was lost") { seen throws(Stop) in
        let over = try seen.job().over ?? .infinity
        try seen.requireClaim(after: over)
      },
    ]
  )
}
