import Deployment
import JobRunner
import LocalFiles
import StackModel
import Synchronization
import ToolProcess

/// Carries out a run: what `RunMachine` says, and nothing else.
///
/// ```
///   event ─▶ RunMachine ─▶ run.json, durable ─▶ actions ─▶ jobs, questions ─▶ event
/// ```
///
/// The record is on disk before an action begins, so that a process that is killed at any moment leaves one from
/// which `resume` goes on.
struct RunExecutor {
  let session: Session
  let engine: EngineOptions
  let store: RunStore
  let reporter: RunReporter
  let interrupts: InterruptController
  let tasks: [String: TaskPreparation.Prepared]
  let setups: EngineSetups
  let masked: [Secret]
  /// Who runs the jobs in our place.
  var queue: QueuedTask?
  /// Stays at open gates until somebody has decided elsewhere.
  var waitsAtGates = false

  private enum Message: Sendable {
    case event(RunMachine.Event)
    case asked(GateQuestion.Answer)
    case lookAgain
  }

  /// - Returns: the run as far as it has come.
  func execute(_ run: Run) async throws(FileError) -> Run {
    let machine = RunMachine(run)
    let result = await withTaskGroup(of: Message.self) { group -> Result<Run, FileError> in
      var machine = machine
      do throws(FileError) {
        var actions = machine.handle(.takenUp, at: WallClock.now())
        loop: while true {
          // Started jobs get their ids before the record is written: a successor finds their journals.
          let begun = begin(actions, &machine)
          try store.write(machine.run)
          reporter.show(machine.run)
          for (task, id) in begun {
            group.addTask { await .event(.finished(task: task, self.run(task, id))) }
          }
          for action in actions {
            switch action {
            case .start: break
            case .ask(let open):
              guard let answer = ask(open) else { break loop }
              group.addTask { await answer() }
            case .end: break loop
            }
          }
          guard let message = await group.next() else { break }
          actions = handle(message, &machine)
        }
        return .success(machine.run)
      } catch {
        // Nothing new is begun that could not be recorded. What runs is asked to end.
        interrupts.requestPolitely()
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func begin(_ actions: [RunMachine.Action], _ machine: inout RunMachine) -> [(String, String)] {
    actions.compactMap { action in
      guard case .start(let name) = action, let task = tasks[name] else { return nil }
      let id = queue?.standing(machine.run[task: name]) ?? Job.makeID(at: WallClock.now())
      let folder = StackFolder(home: session.locations.stateHome, stack: task.job.stack)
      machine.begin(job: id, journal: queue?.journal(id) ?? folder.job(id).journal, of: name)
      machine.note(inputs: task.inputs, of: name)
      return (name, id)
    }
  }

  private func handle(_ message: Message, _ machine: inout RunMachine) -> [RunMachine.Action] {
    var events: [RunMachine.Event] = interrupts.stop.isStopRequested ? [.stopped] : []
    switch message {
    case .event(let event): events.append(event)
    case .asked(.decided(let decision)):
      do throws(FileError) {
        try store.add(decision, to: machine.run.id)
      } catch {
        // Where somebody was quicker, theirs counts. A decision that cannot be kept is none.
        guard error.alreadyExists, let other = store.decision(on: decision.task, of: machine.run.id) else {
          Console.note("the decision about \(decision.task) cannot be kept: \(error)\n")
          return [.end]
        }
        Console.note("\(decision.task) had been \(other.summary) before you answered\n")
      }
    case .asked(.later): return [.end]
    case .lookAgain: break
    }
    events += store.decisions(on: machine.run).map(RunMachine.Event.decided)
    return machine.handle(events, at: WallClock.now())
  }

  /// Who decides about open gates: the person at the terminal, or somebody elsewhere; nil when this process ends
  /// and leaves them open.
  private func ask(_ open: [String]) -> (@Sendable () async -> Message)? {
    guard !interrupts.stop.isStopRequested else { return nil }
    if waitsAtGates {
      return {
        // Short enough for a person who waits; cancellation ends nothing that counts.
        for _ in 0..<10 where !interrupts.stop.isStopRequested {
          try? await Task.sleep(for: .milliseconds(100))
        }
        return interrupts.stop.isStopRequested ? .asked(.later) : .lookAgain
      }
    }
    guard let task = open.first, GateQuestion.canAsk else { return nil }
    reporter.pause()
    return {
      .asked(await GateQuestion.ask(task, environment: session.environment, stop: interrupts.stop))
    }
  }

  private func run(_ name: String, _ id: String) async -> TaskEnd {
    if let queue, let task = queue.run[task: name] {
      do throws(FileError) {
        return try await queue.run(task, id: id, stop: interrupts.stop) { reporter.relay($0, of: name) }
      } catch {
        return TaskEnd(result: .failed, exitCode: .failed, reason: "the queue cannot be used: \(error)")
      }
    }
    guard let task = tasks[name], let setup = setups[task.engine] else {
      return TaskEnd(result: .failed, exitCode: .failed, reason: "the task was not prepared")
    }
    let rules = reporter.rules(of: name)
    if rules.previewsFirst {
      let preview = await job(task, .preview, id: Job.makeID(at: WallClock.now()), rules, setup)
      if preview.result != .succeeded { return preview }
    }
    return await job(task, .update, id: id, rules, setup)
  }

  private func job(
    _ task: TaskPreparation.Prepared,
    _ operation: Operation,
    id: String,
    _ rules: TaskRules,
    _ setup: EngineSetup
  ) async -> TaskEnd {
    let branch = interrupts.branch()
    var execution = JobExecution(session: task.session, operation: operation, engine: engine)
    execution.refresh = !rules.skipsRefresh
    let (reporter, name) = (reporter, task.name)
    do throws(FileError) {
      let outcome = try await execution.run(
        task.job,
        id: id,
        setup: setup,
        masked: masked,
        interrupts: branch,
        sink: { reporter.handle($0, of: name) },
        // The whole deployment was approved before it began.
        approve: { _ in .approved(by: "stackjob", how: "part of an approved deployment") }
      )
      return TaskEnd(
        result: outcome.result,
        exitCode: outcome.exitCode,
        reason: outcome.reason,
        changes: outcome.applied ?? (outcome.result == .succeeded ? ChangeSummary() : nil),
        journal: outcome.journal
      )
    } catch {
      return TaskEnd(result: .failed, exitCode: .failed, reason: error.description)
    }
  }
}
