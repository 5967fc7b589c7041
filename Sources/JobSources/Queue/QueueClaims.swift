package import LocalFiles
import StackModel
import ToolProcess

extension QueueDirectory: JobSource {
  package func claim() throws(FileError) -> Claim? { try claim { _ in true } }

  package func claim(_ fits: (String?) -> Bool) throws(FileError) -> Claim? {
    try guarded { () throws(FileError) in
      let busy = Set(try ids(.running).compactMap { record($0)?.stackKey })
      let (waiting, unreadable) = try order.waiting(
        mark: LocalFiles.text(layout.mark),
        list: { () throws(FileError) in try ids(.queued) },
        record: record
      )
      for id in unreadable { try endUnreadable(id, from: .queued) }
      // The first of each stack: the order of changes to one stack is the order they were asked for.
      var seen: Set<String> = []
      var candidates = waiting.filter { job in
        guard let stack = job.stackKey else { return true }
        return seen.insert(stack).inserted && !busy.contains(stack)
      }
      if candidates.contains(where: { $0.priority != candidates[0].priority }) {
        candidates = candidates.enumerated()
          .sorted { ($0.element.priority, -$0.offset) > ($1.element.priority, -$1.offset) }.map(\.element)
      }
      var next: QueuedJob?
      for candidate in candidates {
        guard let job = record(candidate.id) else {
          try endUnreadable(candidate.id, from: .queued)
          continue
        }
        next = isPausing(job) ? nil : job
        if next != nil { break }
      }
      guard var job = next, fits(job.stack) else { return nil }
      let mark = try newMark()
      do throws(FileError) {
        try LocalFiles.rename(layout.ticket(job.id, .queued), to: layout.ticket(job.id, .running))
      } catch {
        // Somebody has taken it away by hand.
        order.forget()
        guard error.isMissing else { throw error }
        return nil
      }
      order.remove(job.id, mark: mark)
      job.status = .running
      job.waitsUntil = nil
      job.attempts += 1
      job.started = clock().description
      try write(job)
      return try lease(job, isAdopted: false)
    }
  }

  private func isPausing(_ job: QueuedJob) -> Bool {
    guard let until = job.waitsUntil else { return false }
    // A longer pause than there is comes of a clock that was set back.
    return (1...Self.longestWait).contains(until - clock().milliseconds)
  }

  package func adopt() throws(FileError) -> Claim? {
    try guarded { () throws(FileError) in
      for id in try ids(.running) {
        let lease = Lease.read(layout.job(id).lease)
        guard lease?.isOver(for: worker, at: clock()) ?? true else { continue }
        guard let job = record(id) else {
          try endUnreadable(id, from: .running)
          continue
        }
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
    _ = try newMark()
    try LocalFiles.rename(layout.ticket(job.id, .running), to: layout.ticket(job.id, job.status))
    try LocalFiles.remove(layout.job(job.id).lease)
    if job.status == .completed { onEnd(job) }
  }

  private func lease(_ job: QueuedJob, isAdopted: Bool, after old: Int = 0) throws(FileError) -> Claim {
    let path = layout.job(job.id).lease
    let token = max(old, Lease.read(path)?.token ?? 0, job.token, job.attempts - 1) + 1
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
      // The lease goes, and what this claim may do must not be what the next one may.
      job.token = claim.token
      if case .wait = settlement {} else { job.waits = 0 }
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
        job.reason = reason
        if reason != nil { job.result = .interrupted }
      case .wait(let reason): pause(&job, reason: reason)
      case .retry(let reason), .inspect(let reason):
        job.interrupted.append(job.attempts)
        job.losses += 1
        // What an interrupted change was cut short by outlasts the looks that are taken at it.
        if job.step != .inspect { job.reason = reason }
        let wasInspecting = job.step == .inspect
        if case .inspect = settlement { job.step = .inspect }
        if job.cancelRequestedBy != nil, job.step != .inspect {
          complete(&job, .cancelled, reason: reason)
        } else if job.losses >= Self.attemptLimit, wasInspecting || job.step != .inspect {
          // The first look at what a change has left is owed, however many attempts there were.
          complete(
            &job,
            job.step == .inspect ? .interrupted : .failed,
            reason: "given up after \(job.losses) lost attempts: \(reason)"
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

  private func pause(_ job: inout QueuedJob, reason: String) {
    if job.step != .inspect { job.reason = reason }
    if let person = job.cancelRequestedBy {
      return complete(
        &job,
        job.step == .inspect ? .interrupted : .cancelled,
        reason: "cancelled by \(person)"
      )
    }
    job.status = .queued
    let pause = min(Self.longestWait, Self.longestWait / 12 << min(job.waits, 10))
    job.waits += 1
    job.waitsUntil = clock().milliseconds + pause
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
    guard try !incomingFiles().contains(where: { _ in true }), try ids(.queued).isEmpty else { return false }
    return try ids(.running).isEmpty
  }
}
