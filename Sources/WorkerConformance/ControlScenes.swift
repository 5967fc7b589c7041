import JobSources
import StackModel

extension Scene {
  static let cancelled = Scene(
    script: { kit in Script(jobs: [kit.job("cancelled", .update, cancelBy: "conformance")]) },
    checks: [
      Check("control", "a job that is cancelled ends as cancelled") { seen throws(Stop) in
        let (_, report) = try seen.ended()
        let result = report["result"]?.string
        try require(
          report["settlement"] == "inspect"
            || (report["settlement"] == "completed" && ["cancelled", "interrupted"].contains(result)),
          "expected `result` cancelled, as every answer said since the confirmation, saw \(report.text())"
        )
        try seen.requireWhole()
      }
    ]
  )

  static let approved = Scene(
    script: { kit in
      Script(jobs: [kit.job("approved", .update, asks: true)], twists: [Twist(.fetch, .damage)])
    },
    checks: [
      Check("approval", "a job that asks first ends its attempt with a plan and its digest") {
        seen throws(Stop) in
        let job = try seen.job()
        guard let first = job.reports.first else {
          throw .broken("expected a report of the plan, saw none" + seen.because)
        }
        try require(
          first.body["settlement"] == "awaiting_approval" && first.body["digest"]?.string?.isEmpty == false,
          "expected `settlement` awaiting_approval with `digest`, saw \(first.body.text())"
        )
        let report = seen.calls(.result, of: job.id).first?.arrived ?? 0
        try require(
          seen.calls(.artefact, of: job.id).contains {
            $0.name?.hasPrefix("plan/") == true && $0.arrived < report
          },
          "expected the plan's files below plan/ before the report, saw none"
        )
      },
      Check("approval", "a job that waits for a decision holds no worker") { seen throws(Stop) in
        let job = try seen.job()
        guard let report = seen.calls(.result, of: job.id).first(where: { $0.status == 200 }),
          let taken = report.answered
        else { throw .broken("expected a report of the plan, saw none" + seen.because) }
        let next = seen.calls(of: job).first { $0.arrived > taken }
        try require(
          next == nil || next?.expectedAttempt == 2,
          "expected nothing for the job before the decision, saw \(next?.words ?? "")"
        )
        try seen.requireClaim(after: taken)
      },
      Check("approval", "the approved plan is fetched, and fetched again when a byte is wrong") {
        seen throws(Stop) in
        let job = try seen.job()
        guard job.attempts == 2 else {
          throw .broken("expected a second attempt, saw \(job.attempts)" + seen.because)
        }
        let fetched = seen.calls(.fetch, of: job.id)
        let confirmed = seen.calls(.lease, of: job.id).first { $0.attempt == 2 }?.arrived ?? .infinity
        for name in job.artefacts.keys.sorted() where name.hasPrefix("plan/") {
          try require(
            fetched.contains { $0.name == name && $0.arrived < confirmed },
            "expected GET artefacts/\(name) before the confirmation, saw none"
          )
        }
        if let damaged = fetched.first?.name {
          try require(
            fetched.count { $0.name == damaged && $0.arrived < confirmed } > 1,
            "expected \(damaged) again, as its digest was not that of the claim, saw it once"
          )
        }
      },
      Check("approval", "the approved plan is carried out, with the token of the new claim") {
        seen throws(Stop) in
        let (job, report) = try seen.ended()
        try require(job.attempts == 2, "expected a second attempt, saw \(job.attempts)" + seen.because)
        try requireTokens(seen, job)
        try require(
          report["settlement"] == "completed" && report["result"] == "succeeded",
          "expected the job to succeed, saw \(report.text())"
        )
        try seen.requireWhole()
      },
    ]
  )

  /// The last: a worker that has drained is gone.
  static let drained = Scene(
    script: { kit in
      var script = Script(jobs: [kit.job("drained")])
      script.drains = true
      return script
    },
    isOver: isHeard,
    endsWorker: true,
    checks: [
      Check("control", "a worker that is told to drain lets its job end") { seen throws(Stop) in
        let (_, report) = try seen.ended()
        try require(
          report["settlement"] == "completed" && report["result"] == "succeeded",
          "expected the job to succeed, saw \(report.text())"
        )
      },
      Check("control", "nothing is claimed after a drain") { seen throws(Stop) in
        let job = try seen.job()
        guard let told = seen.calls(.events, of: job.id).first(where: { $0.status == 200 })?.answered else {
          throw .broken("expected a piece of the log, saw none" + seen.because)
        }
        let late = seen.calls(.claim).first { $0.arrived > told }
        try require(
          late == nil,
          "expected no POST /v1/claims, saw one \((late.map { $0.arrived - told } ?? 0).short) s after the drain was told"
        )
      },
      Check("control", "a worker that has drained ends") { seen throws(Stop) in
        if seen.end == nil, !seen.isWatched {
          throw .skipped("the worker was not started here, so its end is not seen")
        }
        try require(seen.end != nil, "expected the worker to end, saw it run on" + seen.because)
      },
    ]
  )
}
