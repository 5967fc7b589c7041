import JobRunner
package import JobSources
import StackModel
package import Traces

/// The spans of one attempt, from its event log: its own and those of its phases.
struct AttemptTrace {
  let claim: Claim
  let settlement: Settlement
  let identity: TraceIdentity

  init(claim: Claim, settlement: Settlement) {
    self.claim = claim
    self.settlement = settlement
    identity = claim.job.traceIdentity
  }

  func spans(events path: String, until now: Timestamp) -> [Span] {
    let job = claim.job
    let start = job.started.flatMap { Timestamp($0) } ?? now
    var phases: [Span] = []
    var open: Int?
    var engine: String?
    EventScan(path: path).forEach("job.started", "phase.started", "phase.finished") { event in
      guard let time = event["time"]?.string.flatMap({ Timestamp($0) }) else { return }
      engine = engine ?? event["engine"]?.string
      guard let phase = event["phase"]?.string else { return }
      if event["type"]?.string == "phase.started" {
        open = phases.count
        phases.append(span(phase: phase, phases.count, start: time, end: now))
      } else if let index = open {
        phases[index].end = time
        let result = event["result"]?.string ?? ""
        phases[index].attributes["cicd.pipeline.task.run.result"] = .string(Self.standard(result))
        phases[index].status = result == "failed" ? .error("the phase \(phase) failed") : .ok
        open = nil
      }
    }
    if let open {
      phases[open].attributes["cicd.pipeline.task.run.result"] = "error"
      phases[open].attributes["error.type"] = "interrupted"
      phases[open].status = .error("cut short")
    }
    var attempt = Span(
      trace: identity.trace,
      id: identity.attempt(job.attempts),
      parent: identity.job,
      name: "attempt",
      start: start,
      end: now,
      attributes: job.traceAttributes,
      status: settlement.traceStatus
    )
    attempt.attributes["stackjob.attempt"] = .int(job.attempts)
    attempt.attributes["stackjob.step"] = .string(job.step.rawValue)
    attempt.attributes["stackjob.engine"] = .optional(engine)
    attempt.attributes["stackjob.settlement"] = .string(settlement.name)
    if case .error = settlement.traceStatus {
      attempt.attributes["error.type"] = .string(settlement.errorType)
    }
    return [attempt] + phases
  }

  private func span(phase: String, _ index: Int, start: Timestamp, end: Timestamp) -> Span {
    Span(
      trace: identity.trace,
      id: identity.phase(index, of: claim.job.attempts),
      parent: identity.attempt(claim.job.attempts),
      name: phase,
      start: start,
      end: end,
      attributes: ["stackjob.phase": .string(phase), "cicd.pipeline.task.name": .string(phase)],
      status: .unset
    )
  }

  /// A result in the words of OpenTelemetry's conventions.
  fileprivate static func standard(_ result: String) -> String {
    switch result {
    case "succeeded": "success"
    case "failed": "failure"
    case "cancelled", "rejected": "cancellation"
    case "skipped": "skip"
    default: "error"
    }
  }
}

extension QueuedJob {
  var traceIdentity: TraceIdentity { TraceIdentity(job: id, submitted: submitted, rerun: rerun) }

  fileprivate var traceAttributes: JSONObject {
    [
      "stackjob.job.id": .string(id), "stackjob.stack": .optional(stack),
      "stackjob.operation": .string(operation), "stackjob.sandbox": .bool(isSandbox),
    ]
  }

  /// The root of the job's trace, once the job has ended.
  package var traceSpan: Span {
    let start = Timestamp(rerun ?? submitted)
    let end = finished.flatMap { Timestamp($0) } ?? WallClock.now()
    let result = result?.rawValue ?? ""
    var attributes = traceAttributes
    attributes["cicd.pipeline.name"] = .string(stack ?? operation)
    attributes["cicd.pipeline.run.id"] = .string(id)
    attributes["cicd.pipeline.result"] = .string(AttemptTrace.standard(result))
    attributes["stackjob.result"] = .string(result)
    attributes["stackjob.attempts"] = .int(attempts)
    attributes["stackjob.priority"] = .int(priority)
    attributes["stackjob.exit_code"] = .optional(exitCode)
    attributes["stackjob.dead_letter"] = .bool(isDeadLetter)
    let isError = self.result == .failed || self.result == .interrupted
    if isError { attributes["error.type"] = .string(result) }
    return Span(
      trace: traceIdentity.trace,
      id: traceIdentity.job,
      parent: nil,
      name: operation.isEmpty ? "job" : "job \(operation)",
      start: start ?? end,
      end: end,
      attributes: attributes,
      status: isError ? .error(reason ?? result) : .ok
    )
  }
}

extension Settlement {
  fileprivate var name: String {
    switch self {
    case .completed(let result, _, _, _): result.rawValue
    case .awaitingApproval: "awaiting_approval"
    case .retry: "retry"
    case .wait: "wait"
    case .inspect: "inspect"
    }
  }

  fileprivate var errorType: String {
    switch self {
    case .completed(let result, _, _, _): result.rawValue
    case .retry, .inspect: "interrupted"
    case .wait, .awaitingApproval: "_OTHER"
    }
  }

  fileprivate var traceStatus: Span.Status {
    switch self {
    case .completed(.failed, _, let reason, _), .completed(.interrupted, _, let reason, _):
      .error(reason ?? "failed")
    case .retry(let reason), .inspect(let reason): .error(reason)
    case .completed, .awaitingApproval, .wait: .ok
    }
  }
}
