package import LocalFiles
import StackModel
import ToolProcess

extension QueueDirectory: JobSource {
  package func claim() throws(FileError) -> Claim? { try claim { _ in true } }

  package func claim(_ fits: (String?) -> Bool) throws(FileError) -> Claim? {
    try guarded { () throws(FileError) in
      let busy = Set(try ids(.running).compactMap { record($0)?.stackKey })
      let waiting = order.sorted(try ids(.queued), record: record)
      // The first of each stack: the order of changes to one stack is the order they were asked for.
      var seen: Set<String> = []
      let first = waiting.filter { job in job.stackKey.map { seen.insert($0).inserted } ?? true }
      guard
        let next = first.filter({ !busy.contains($0.stackKey ?? "") })
          .enumerated().max(by: { ($0.element.priority, -$0.offset) < ($1.element.priority, -$1.offset) })?
          .element,
        var job = record(next.id), fits(job.stack)
      else { return nil }
      try LocalFiles.rename(layout.ticket(job.id, .queued), to: layout.ticket(job.id, .running))
      job.status = .running
      job.attempts += 1
      job.started = clock().description
      try write(job)
      return try lease(job, isAdopted: false)
    }
  }

  package func adopt() throws(FileError) -> Claim? {
    try guarded { () throws(FileError) in
      for id in try ids(.running) {
        guard let job = record(id) else { continue }
        let lease = Lease.read(layout.job(id).lease)
        guard lease?.isOver(for: worker, at: clock()) ?? true else { continue }
        guard job.status == .running else {
          try finishMove(job)
          continue
        }
        return try self.lease(job, isAdopted: true, after: lease?.token ?? 0)
      }
      return nil
    }
  }

  /// Does what a worker that died between the record and the ticket has left undone.
  private func finishMove(_ job: QueuedJob) throws(FileError) {
    // A claim that got no further than its ticket: nothing has been started.
    try LocalFiles.rename(layout.ticket(job.id, .running), to: layout.ticket(job.id, job.status))
    try LocalFiles.remove(layout.job(job.id).lease)
  }

  private func lease(_ job: QueuedJob, isAdopted: Bool, after old: Int = 0) throws(FileError) -> Claim {
    let path = layout.job(job.id).lease
    let token = max(old, Lease.read(path)?.token ?? 0, job.attempts - 1) + 1
    try Lease(worker: worker, token: token, until: clock().milliseconds + Self.leaseMilliseconds).write(path)
    return Claim(job: job, token: token, folder: layout.job(job.id).path, isAdopted: isAdopted)
  }

  package func renew(_ claim: Claim) throws(FileError) -> LeaseAnswer {
    try guarded { () throws(FileError) in
      let path = layout.job(claim.job.id).lease
      guard Lease.read(path)?.token == claim.token, status(of: claim.job.id) == .running else { return .lost }
      try Lease(worker: worker, token: claim.token, until: clock().milliseconds + Self.leaseMilliseconds)
        .write(path)
      return record(claim.job.id)?.cancelRequestedBy.map { .cancel(by: $0) } ?? .kept
    }
  }

  package func settle(_ claim: Claim, _ settlement: Settlement) throws(FileError) -> Bool {
    try guarded { () throws(FileError) in
      let folder = layout.job(claim.job.id)
      guard Lease.read(folder.lease)?.token == claim.token, status(of: claim.job.id) == .running,
        var job = record(claim.job.id)
      else { return false }
      switch settlement {
      case .completed(let result, let exitCode, let reason, let diagnostics):
        job.status = .completed
        job.result = result
        job.exitCode = exitCode
        job.reason = reason
        job.diagnostics = diagnostics
        job.finished = clock().description
      case .awaitingApproval(let digest, let reason):
        job.status = .awaitingApproval
        job.digest = digest
        if let reason {
          job.reason = reason
          job.result = .interrupted
        }
      case .retry(let reason), .inspect(let reason):
        job.interrupted.append(job.attempts)
        // What an interrupted change was cut short by outlasts the looks that are taken at it.
        if job.step != .inspect { job.reason = reason }
        let wasInspecting = job.step == .inspect
        if case .inspect = settlement { job.step = .inspect }
        if job.cancelRequestedBy != nil, job.step != .inspect {
          complete(&job, .cancelled, reason: reason)
        } else if job.attempts >= Self.attemptLimit, wasInspecting || job.step != .inspect {
          // The first look at what a change has left is owed, however many attempts there were.
          complete(
            &job,
            job.step == .inspect ? .interrupted : .failed,
            reason: "given up after \(job.attempts) attempts: \(reason)"
          )
          job.isDeadLetter = true
        } else {
          job.status = .queued
        }
      }
      try move(job, from: .running)
      // After the ticket: without a lease the ticket alone would look like an orphan.
      try LocalFiles.remove(folder.lease)
      return true
    }
  }

  func complete(_ job: inout QueuedJob, _ result: QueuedJob.Result, reason: String) {
    job.status = .completed
    job.result = result
    job.reason = reason
    job.finished = clock().description
  }

  package func waiting() throws(FileError) -> (count: Int, oldest: Double) {
    let ids = try ids(.queued)
    let ages = ids.compactMap { LocalFiles.secondsSinceChange(of: layout.ticket($0, .queued)) }
    return (ids.count, ages.max().map(Double.init) ?? 0)
  }

  package var isDelivered: Bool { true }

  package func isDrained() throws(FileError) -> Bool {
    let files = try LocalFiles.list(layout.incoming).filter { !$0.hasPrefix(".") && !$0.hasSuffix(".tmp") }
    guard files.isEmpty, try ids(.queued).isEmpty else { return false }
    return try ids(.running).isEmpty
  }
}
