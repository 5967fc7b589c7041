package import StackModel

/// The order of a run's tasks, as a pure state machine.
///
/// Whoever carries a run out reports what happened and does what comes back. The machine does no work and keeps
/// no time. ``run`` is to be on disk before an action is carried out; a process that dies at any moment then
/// leaves a record from which the next one goes on.
package struct RunMachine: Sendable {
  package enum Event: Sendable {
    /// A process takes the run up, for the first time or again.
    case takenUp
    case finished(task: String, TaskEnd)
    case decided(GateDecision)
    /// The user asked to stop: what runs ends in its own time, nothing new begins.
    case stopped
  }

  package enum Action: Sendable, Hashable {
    case start(task: String)
    /// These gates are open and nothing else can be done meanwhile.
    case ask(tasks: [String])
    /// Nothing is left to do for this process.
    case end
  }

  package private(set) var run: Run
  private var isStopping = false
  /// Who decides where nobody did in time.
  private static let ownName = "stackjob"

  package init(_ run: Run) { self.run = run }

  package mutating func handle(_ event: Event, at now: Timestamp) -> [Action] { handle([event], at: now) }

  /// - Parameter events: what has happened since the last call; none when only time has passed.
  package mutating func handle(_ events: [Event], at now: Timestamp) -> [Action] {
    for event in events {
      switch event {
      case .takenUp: takeUp()
      case .finished(let task, let end): finish(task, end, at: now)
      case .decided(let decision): decide(decision)
      case .stopped: isStopping = true
      }
    }
    expireGates(at: now)
    skipAfterFailure()
    return advance(at: now)
  }

  /// The run as it stands at a moment, with decisions that no process has taken up yet.
  package static func standing(_ run: Run, with decisions: [GateDecision], at now: Timestamp) -> Run {
    var machine = RunMachine(run)
    for decision in decisions { machine.decide(decision) }
    machine.expireGates(at: now)
    machine.skipAfterFailure()
    return machine.run
  }

  /// What was running when a process died has not been seen to end: it is begun again, and its job finds out
  /// what is there. What failed is tried again, with all that was skipped for it.
  private mutating func takeUp() {
    guard run.result != .rejected else { return }
    for index in run.tasks.indices {
      switch (run.tasks[index].status, run.tasks[index].result) {
      case (.running, _): run.tasks[index].status = .queued
      case (.completed, .failed), (.completed, .cancelled):
        run.tasks[index].requeue()
      case (.completed, .skipped) where !run.tasks[index].isUnchanged: run.tasks[index].requeue()
      default: break
      }
    }
  }

  private mutating func finish(_ name: String, _ end: TaskEnd, at now: Timestamp) {
    guard let index = run.tasks.firstIndex(where: { $0.name == name }) else { return }
    run.tasks[index].journal = end.journal ?? run.tasks[index].journal
    run.tasks[index].changes = end.changes
    run.tasks[index].reason = end.reason
    run.tasks[index].exitCode = end.exitCode
    run.tasks[index].finishedAt = now
    if end.exitCode == .locked {
      // Somebody else is at work there; nothing of ours has gone wrong.
      run.tasks[index].status = .queued
      isStopping = true
      return
    }
    run.tasks[index].status = .completed
    run.tasks[index].result = end.result
    if end.result == .cancelled { isStopping = true }
  }

  private mutating func decide(_ decision: GateDecision) {
    guard let index = run.tasks.firstIndex(where: { $0.name == decision.task }),
      run.tasks[index].status == .awaitingApproval,
      // Kept too late; the gate has closed by itself.
      !run.tasks[index].gateHasExpired(at: decision.at)
    else { return }
    close(index, decision)
  }

  private mutating func close(_ index: Int, _ decision: GateDecision) {
    run.tasks[index].decision = decision
    if decision.isApproved {
      run.tasks[index].status = .queued
    } else {
      run.tasks[index].status = .completed
      run.tasks[index].result = .rejected
      run.tasks[index].finishedAt = decision.at
      run.tasks[index].reason = "rejected by \(decision.by)" + (decision.reason.map { ": \($0)" } ?? "")
    }
  }

  private mutating func expireGates(at now: Timestamp) {
    for (index, task) in run.tasks.enumerated()
    where task.status == .awaitingApproval && task.gateHasExpired(at: now) {
      close(
        index,
        GateDecision(
          task: task.name,
          isApproved: false,
          by: Self.ownName,
          at: now,
          reason: "the gate was open for its \(task.rules.gateExpirySeconds ?? 0) seconds and nobody decided"
        )
      )
    }
  }

  /// One that failed or was turned down stops all that has not begun: what comes later was to be deployed on top
  /// of it.
  private mutating func skipAfterFailure() {
    guard
      let cause = run.tasks.first(where: {
        $0.status == .completed && ($0.result == .failed || $0.result == .rejected)
      })
    else { return }
    let word = cause.result == .rejected ? "was rejected" : "failed"
    for index in run.tasks.indices
    where run.tasks[index].status == .queued || run.tasks[index].status == .awaitingApproval {
      run.tasks[index].status = .completed
      run.tasks[index].result = .skipped
      run.tasks[index].reason = "\(cause.name) \(word)"
    }
  }

  private mutating func advance(at now: Timestamp) -> [Action] {
    var actions: [Action] = []
    for index in run.tasks.indices where isReady(index) {
      let task = run.tasks[index]
      if task.rules.requiresManualGate, task.decision?.isApproved != true {
        run.tasks[index].status = .awaitingApproval
        run.tasks[index].gateOpenedAt = now
      } else if !isStopping, running < max(1, run.parallel) {
        run.tasks[index].status = .running
        run.tasks[index].startedAt = now
        run.tasks[index].finishedAt = nil
        run.tasks[index].reason = nil
        run.tasks[index].exitCode = nil
        actions.append(.start(task: task.name))
      }
    }
    guard running == 0 else { return actions }
    let open = run.tasks.filter { $0.status == .awaitingApproval }.map(\.name)
    return open.isEmpty || isStopping ? [.end] : [.ask(tasks: open)]
  }

  private var running: Int { run.tasks.count { $0.status == .running } }

  /// One after another means that the order counts, whether a task depends on the one before or not.
  private func isReady(_ index: Int) -> Bool {
    let task = run.tasks[index]
    guard task.status == .queued else { return false }
    if run.parallel <= 1 { return run.tasks[..<index].allSatisfy { $0.status == .completed } }
    return task.after.allSatisfy { run[task: $0]?.isDone ?? true }
  }

  /// Notes the job that a started task is about to begin.
  package mutating func begin(job: String, journal: String, of name: String) {
    guard let index = run.tasks.firstIndex(where: { $0.name == name }) else { return }
    // One that goes on from before is noted already.
    if run.tasks[index].jobs.last != job { run.tasks[index].jobs.append(job) }
    run.tasks[index].journal = journal
  }

  /// Notes what a task was really run with, which may have changed since the run was made.
  package mutating func note(inputs: String, of name: String) {
    guard let index = run.tasks.firstIndex(where: { $0.name == name }) else { return }
    run.tasks[index].inputs = inputs
  }
}

/// How a task's job ended.
package struct TaskEnd: Sendable {
  package var result: JobResult
  package var exitCode: ExitCode
  package var reason: String?
  package var changes: ChangeSummary?
  package var journal: String?

  package init(
    result: JobResult,
    exitCode: ExitCode,
    reason: String? = nil,
    changes: ChangeSummary? = nil,
    journal: String? = nil
  ) {
    self.result = result
    self.exitCode = exitCode
    self.reason = reason
    self.changes = changes
    self.journal = journal
  }
}

extension RunTask {
  /// Back to where it was before it was begun. A gate that was passed stays passed: what it lets through is the
  /// same manifest.
  fileprivate mutating func requeue() {
    status = .queued
    result = nil
    reason = nil
    exitCode = nil
  }

  package func gateHasExpired(at now: Timestamp) -> Bool {
    guard let gateOpenedAt, let seconds = rules.gateExpirySeconds else { return false }
    return now.seconds(since: gateOpenedAt) >= Double(seconds)
  }
}
