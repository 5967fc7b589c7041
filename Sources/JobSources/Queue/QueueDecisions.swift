package import LocalFiles
import StackModel

/// What people ask of a job.
package enum JobRequest: Sendable {
  case cancel
  /// The digest that was looked at, or its first twelve characters or more.
  case approve(digest: String, reason: String? = nil)
  case reject(reason: String)
  case rerun

  var reason: String? {
    switch self {
    case .approve(_, let reason): reason
    case .reject(let reason): reason
    case .cancel, .rerun: nil
    }
  }

  var name: String {
    switch self {
    case .cancel: "cancel"
    case .approve: "approve"
    case .reject: "reject"
    case .rerun: "rerun"
    }
  }
}

extension QueueDirectory {
  /// - Returns: why it cannot be done; nil when it is.
  package func request(_ request: JobRequest, of id: String, by person: String) throws(FileError) -> String? {
    try guarded { () throws(FileError) in
      guard StackJob.isLegalID(id), let status = status(of: id) else { return "there is no job `\(id)`" }
      guard var job = record(id) else { return unreadable(id).reason }
      // Of a move that was cut short the ticket tells the truth.
      job.status = status
      if let refusal = change(&job, request, person) { return refusal }
      if case .approve = request { try decide(job, by: person) }
      var more: JSONObject = [:]
      if let digest = job.digest { more["digest"] = .string(digest) }
      if let reason = request.reason { more["reason"] = .string(reason) }
      note(id, request.name, by: person, more)
      try move(job, from: status)
      return nil
    }
  }

  private func change(_ job: inout QueuedJob, _ request: JobRequest, _ person: String) -> String? {
    switch (request, job.status) {
    case (.cancel, .queued), (.cancel, .awaitingApproval):
      complete(&job, job.step == .inspect ? .interrupted : .cancelled, reason: "cancelled by \(person)")
    case (.cancel, .running): job.cancelRequestedBy = job.cancelRequestedBy ?? person
    case (.approve(let digest, _), .awaitingApproval):
      guard digest.utf8.count >= 12 else {
        return "`\(digest)` is too short for a digest: give 12 characters or more of the plan's"
      }
      guard let full = job.digest, full.hasPrefix(digest) else {
        return "the plan that waits has the digest \(job.digest ?? "-"), not \(digest)"
      }
      job.decidedBy = person
      job.result = nil
      job.step = .applyPlan
      job.status = .queued
    case (.reject(let reason), .awaitingApproval):
      job.decidedBy = person
      let before = job.result == .interrupted ? job.reason.map { "; before: \($0)" } ?? "" : ""
      complete(&job, .rejected, reason: "rejected by \(person): \(reason)\(before)")
    case (.rerun, .completed):
      guard !job.operation.isEmpty, job.stack != nil else { return "its document is bad; submit another" }
      job.step = initialStep(job)
      job.status = .queued
      (job.result, job.reason, job.exitCode, job.finished) = (nil, nil, nil, nil)
      (job.digest, job.decidedBy, job.cancelRequestedBy) = (nil, nil, nil)
      (job.isDeadLetter, job.diagnostics) = (false, [])
      (job.losses, job.waits, job.waitsUntil) = (0, 0, nil)
      job.rerun = clock().description
    default: return "job `\(job.id)` is \(job.status.rawValue)\(job.result.map { ", \($0.rawValue)" } ?? "")"
    }
    return nil
  }

  private func initialStep(_ job: QueuedJob) -> QueuedJob.Step {
    guard let bytes = try? LocalFiles.read(layout.job(job.id).document),
      case .success(let document) = StackJob.read(bytes, file: job.id)
    else { return .whole }
    return document.needsApproval ? .plan : .whole
  }

  private func decide(_ job: QueuedJob, by person: String) throws(FileError) {
    let decision: JSONValue = [
      "approved": true, "by": .string(person), "digest": .optional(job.digest),
      "time": .string(clock().description),
    ]
    try LocalFiles.replace(layout.job(job.id).decision, with: decision.bytes(.pretty))
  }

  /// Carries out what was dropped into `control`, and ends plans that nobody decided on in time.
  ///
  /// - Returns: a line for each, for the worker's log.
  package func takeRequests() throws(FileError) -> [String] {
    try inTurn { () throws(FileError) in try takeRequestsInTurn() }
  }

  private func takeRequestsInTurn() throws(FileError) -> [String] {
    var lines: [String] = []
    for name in try LocalFiles.list(layout.control) where !name.hasPrefix(".") && !name.hasSuffix(".tmp") {
      let path = "\(layout.control)/\(name)"
      guard let dot = name.lastIndex(of: "."), LocalFiles.isFile(path), !name.hasSuffix(".refused") else {
        continue
      }
      let id = String(name[..<dot])
      let text = LocalFiles.text(path) ?? ""
      let json = try? JSONValue(parsing: text)
      // Half of a document may stand there.
      guard text.isEmpty || json != nil || (LocalFiles.secondsSinceChange(of: path) ?? 0) > 1 else {
        continue
      }
      let wanted: JobRequest? =
        switch name[name.index(after: dot)...] {
        case "cancel": .cancel
        case "approve": json?["digest"]?.string.map { .approve(digest: $0, reason: json?["reason"]?.string) }
        case "reject": .reject(reason: json?["reason"]?.string ?? "no reason given")
        case "rerun": .rerun
        default: nil
        }
      var refusal: String?
      if let wanted {
        guard !text.isEmpty || (LocalFiles.secondsSinceChange(of: path) ?? 0) > 1 || isCancel(wanted) else {
          continue
        }
        refusal = try request(wanted, of: id, by: json?["by"]?.string ?? "a file in control")
      } else {
        refusal = "expected ID.cancel, ID.reject, ID.rerun, or ID.approve with a `digest`"
      }
      lines.append("\(name): \(refusal ?? "done")")
      if refusal != nil {
        try LocalFiles.rename(path, to: "\(path).refused")
      } else {
        try LocalFiles.remove(path)
      }
    }
    for id in try ids(.awaitingApproval) {
      guard let job = record(id) else {
        lines.append(try guarded { () throws(FileError) in try endUnreadable(id, from: .awaitingApproval) })
        continue
      }
      guard let limit = job.approvalLimit,
        (LocalFiles.secondsSinceChange(of: layout.job(id).record) ?? 0) > limit
      else { continue }
      let reason = "nobody decided within \(limit) s"
      _ = try request(.reject(reason: reason), of: id, by: "stackjob")
      lines.append("\(id): \(reason)")
    }
    return lines
  }

  private func isCancel(_ request: JobRequest) -> Bool { if case .cancel = request { true } else { false } }
}
