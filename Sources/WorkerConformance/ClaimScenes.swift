import JobSources
import StackModel

extension Scene {
  static let claiming = Scene(
    script: { kit in
      Script(jobs: [kit.job("first")], twists: [Twist(.claim, .hold(2))])
    },
    checks: [
      Check("claim", "a request for a job says who asks, and how long it would wait") { seen throws(Stop) in
        try require(!seen.calls(.claim).isEmpty, "expected POST /v1/claims, saw nothing" + seen.because)
        for call in seen.calls(.claim) {
          let body = call.json
          try require(
            body?["protocol"]?.int == Wire.version,
            "expected `protocol` 1, saw \(body?["protocol"]?.text() ?? "none")"
          )
          for member in ["request", "worker", "place"] {
            try require(
              body?[member]?.string?.isEmpty == false,
              "expected a text as `\(member)`, saw \(body?[member]?.text() ?? "none")"
            )
          }
          try require(
            body?["wait"]?.int.map { $0 >= 0 } == true,
            "expected whole seconds as `wait`, saw \(body?["wait"]?.text() ?? "none")"
          )
        }
      },
      Check("claim", "a request that the server holds is waited for, with no other beside it") {
        seen throws(Stop) in
        let claims = seen.calls(.claim)
        guard let first = claims.first else { throw .broken("expected POST /v1/claims, saw nothing") }
        guard let wait = first.json?["wait"]?.int, wait > 0 else {
          throw .skipped("the worker would wait 0 s")
        }
        let beside = claims.dropFirst().first { $0.arrived < (first.answered ?? .infinity) }
        try require(
          beside == nil,
          "expected one request, as its `wait` is \(wait) s, saw another after \((beside.map { $0.arrived - first.arrived } ?? 0).short) s"
        )
        _ = try seen.job()
      },
      Check("claim", "a job is confirmed, with its stack, before anything else is said of it") {
        seen throws(Stop) in
        let job = try seen.job()
        guard let first = seen.calls(of: job).first else {
          throw .broken("expected POST lease, saw nothing of the job" + seen.because)
        }
        try require(first.step == .lease, "expected POST lease first, saw \(first.words)")
        let body = first.json
        try require(
          body?["started"]?.bool == true,
          "expected `started` true, saw \(body?.text() ?? "no JSON")"
        )
        try require(
          body?["stack"]?.string?.isEmpty == false,
          "expected a text as `stack`, saw \(body?["stack"]?.text() ?? "none")"
        )
      },
      Check("claim", "every request for a job has its token and its attempt") { seen throws(Stop) in
        try requireTokens(seen, try seen.job())
      },
      Check("log", "each piece begins where the last answer said, the first at 0") { seen throws(Stop) in
        try requireOffsets(seen, try seen.job())
      },
      Check("log", "the log is lines of JSON, numbered from 1 without a gap") { seen throws(Stop) in
        let (job, _) = try seen.ended()
        try require(!job.log.isEmpty, "expected a log, saw none")
        try require(job.log.last == UInt8(ascii: "\n"), "expected a newline at the end of the log, saw none")
        for (index, line) in job.log.split(separator: UInt8(ascii: "\n")).enumerated() {
          let number = (try? JSONValue(parsing: Array(line)))?["seq"]?.int
          try require(
            number == index + 1,
            "expected `seq` \(index + 1) in line \(index + 1), saw \(number.map(String.init) ?? "none")"
          )
        }
      },
      Check("report", "it has size and SHA-256 of the log that came") { seen throws(Stop) in
        try seen.requireWhole()
      },
      Check("report", "it says how the job ended") { seen throws(Stop) in
        let (_, report) = try seen.ended()
        try require(
          report["settlement"] == "completed" && report["result"] == "succeeded",
          "expected the job to succeed, saw \(report.text())"
        )
      },
      Check("report", "files come before it, each with its digest") { seen throws(Stop) in
        let (job, _) = try seen.ended()
        try requireFiles(seen, job)
      },
      Check("report", "it comes once, and nothing for the job after it") { seen throws(Stop) in
        let (job, _) = try seen.ended()
        try requireSilence(seen, job, after: job.over ?? 0, "its report was taken")
      },
      Check("claim", "the next job is asked for when one has ended") { seen throws(Stop) in
        let over = try seen.ended().job.over ?? 0
        try seen.requireClaim(after: over)
      },
    ]
  )

  /// A scene of requests for jobs alone; there is nothing to run.
  private static func asking(_ twists: [Twist], _ checks: [Check]) -> Scene {
    let count = twists.reduce(0) { $0 + $1.times }
    return Scene(
      script: { _ in Script(twists: twists) },
      isOver: { $0.calls(.claim).count > count },
      checks: checks
    )
  }

  static let idle = asking(
    [Twist(.claim, .nothing(after: 2)), Twist(.claim, .nothing())],
    [
      Check("pauses", "204 with Retry-After: the next request comes no sooner") { seen throws(Stop) in
        let claims = seen.calls(.claim)
        guard let first = claims.first else { throw .broken("expected POST /v1/claims, saw nothing") }
        try seen.requirePause(after: first, in: claims, 2)
      },
      Check("claim", "a request that was answered is not made again by its name") { seen throws(Stop) in
        var names: Set<String> = []
        try require(seen.calls(.claim).count > 1, "expected another POST /v1/claims, saw none" + seen.because)
        for call in seen.calls(.claim) {
          let name = call.json?["request"]?.string ?? ""
          try require(!names.contains(name), "expected a new `request` after 204, saw `\(name)` again")
          names.insert(name)
        }
      },
    ]
  )

  static let paused = asking(
    [Twist(.claim, .say(Wire.Control(pause: true)), times: 2)],
    [
      Check("control", "a worker that is told to pause asks after a while whether it is over") {
        seen throws(Stop) in
        let claims = seen.calls(.claim)
        try require(
          claims.count > 2,
          "expected POST /v1/claims again after each pause, saw \(claims.count) of 3" + seen.because
        )
        for call in claims.prefix(2) { try seen.requirePause(after: call, in: claims, 0.9) }
      }
    ]
  )

  static let denied = asking(
    [Twist(.claim, .status(401), times: 3), Twist(.claim, .status(403), times: 2)],
    [
      Check("pauses", "401 and 403 are tried again, with pauses that grow") { seen throws(Stop) in
        try seen.requireGrowth(seen.calls(.claim), 5)
      }
    ]
  )

  static let unable = asking(
    [Twist(.claim, .status(503), times: 3), Twist(.claim, .status(500), times: 3)],
    [
      Check("pauses", "5xx is tried again, with pauses that grow") { seen throws(Stop) in
        try seen.requireGrowth(seen.calls(.claim), 6)
      }
    ]
  )

  static let tooMany = asking(
    [Twist(.claim, .status(429, after: 2))],
    [
      Check("pauses", "429: the next request comes not before Retry-After") { seen throws(Stop) in
        let claims = seen.calls(.claim)
        guard let first = claims.first else { throw .broken("expected POST /v1/claims, saw nothing") }
        try seen.requirePause(after: first, in: claims, 2)
      }
    ]
  )

  static let refused = Scene(
    script: { kit in
      Script(
        jobs: [kit.job("refused-409"), kit.job("refused-423"), kit.job("refused-404")],
        twists: [Twist(.lease, .status(409)), Twist(.lease, .status(423)), Twist(.lease, .status(404))]
      )
    },
    checks: [409, 423, 404].enumerated().map { number, status in
      Check("claim", "a claim whose confirmation is \(status) is dropped") { seen throws(Stop) in
        let job = try seen.job(number)
        guard let call = seen.calls(.lease, of: job.id).first else {
          throw .broken("expected POST lease, saw nothing of the job" + seen.because)
        }
        try requireSilence(seen, job, after: call.answered ?? 0, "its confirmation was refused")
      }
    }
  )
}
