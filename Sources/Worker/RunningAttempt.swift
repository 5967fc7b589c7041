import JobRunner
import JobSources
import LocalFiles
import ProviderHost
import StackModel
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// One attempt that a worker follows, whoever started it.
struct RunningAttempt {
  enum Look {
    case goesOn
    case ended(Settlement)
  }

  let claim: Claim
  /// Where locks and states are, for the job's real or played stack.
  let stateHome: String
  let watch = Stopwatch()
  private var isAskedToStop = false
  private var isCancelled = false
  /// The most memory that its processes were seen to have, in MiB.
  private(set) var peak = 0

  init(claim: Claim, stateHome: String) {
    self.claim = claim
    self.stateHome = claim.job.isSandbox ? "\(stateHome)/sandbox" : stateHome
  }

  var folder: AttemptFolder { QueueJobFolder(path: claim.folder).attempt(claim.job.attempts) }

  private var supervisorJSON: JSONValue? { JSONValue.file(folder.supervisor) }

  /// Stops it because somebody wants the job to end.
  mutating func cancel() {
    isCancelled = true
    stop()
  }

  /// Asks the supervisor, once, to stop its engine; the engine gets one SIGINT from it.
  mutating func stop() {
    guard !isAskedToStop, let supervisor = ProcessIdentity(json: supervisorJSON), supervisor.mayBeAlive else {
      return
    }
    isAskedToStop = true
    kill(pid_t(supervisor.pid), SIGTERM)
  }

  /// - Parameter spares: may hold providers of the job that are no descendants of its supervisor.
  mutating func measure(_ memory: ProcessMemory, _ spares: SparePool?) {
    guard let supervisor = ProcessIdentity(json: supervisorJSON), supervisor.isHere else { return }
    let roots = [supervisor.pid] + (spares?.guards(takenBy: supervisor.pid) ?? [])
    peak = max(peak, roots.reduce(0) { $0 + memory.ofTree($1) })
  }

  func look() -> Look {
    // The identity before the outcome: a supervisor that is found dead has written all that it ever will.
    let identity = supervisorJSON
    let mayBeAlive = ProcessIdentity(json: identity)?.mayBeAlive ?? false
    if let outcome = JSONValue.file(folder.outcome).flatMap(AttemptOutcome.init(json:)), !mayBeAlive {
      return .ended(
        outcome.settlement(interruption: claim.job.reason, hasBegunChange: hasBegunChange(folder.events))
      )
    }
    if mayBeAlive { return .goesOn }
    guard identity != nil else {
      // Long enough for a program to start on a machine that has too much to do.
      guard claim.isAdopted || watch.seconds > 60 else { return .goesOn }
      return close()
    }
    guard let supervisor = ProcessIdentity(json: identity) else {
      return .ended(unbegun("its supervisor never started"))
    }
    return recover(after: supervisor)
  }

  /// Takes the place of a supervisor that has not shown up, so that it ends at once if it ever does.
  private func close() -> Look {
    do throws(FileError) {
      try LocalFiles.makeFolder(folder.path)
      try LocalFiles.add(folder.supervisor, with: JSONValue.object(["closed": true]).bytes())
    } catch {
      return .goesOn
    }
    return .ended(unbegun("its supervisor never started"))
  }

  /// A supervisor that is stopped as it starts dies of that, and says nothing.
  private func unbegun(_ reason: String) -> Settlement {
    guard isCancelled else { return .retry(reason: reason) }
    let code = Int(ExitCode.cancelled.rawValue)
    return .completed(
      .cancelled,
      exitCode: code,
      reason: "cancelled before anything was changed",
      diagnostics: []
    )
  }

  private func recover(after supervisor: ProcessIdentity) -> Look {
    var journals = [folder.events]
    if let stack = claim.job.stack.flatMap(StackID.init) {
      let stackFolder = StackFolder(home: stateHome, stack: stack)
      if let holder = StackLock.holder(of: stackFolder), holder.process == supervisor {
        let files = stackFolder.job(holder.job)
        journals.append(files.journal)
        // What the engine knows it writes down when it ends. Until then nobody else may touch the stack.
        let left = LeftProcesses.find(workspace: files.workspace, recorded: holder.engine)
        guard left.engines.isEmpty else {
          if let engine = left.engines.first(where: \.isHere) { interruptOnce(engine) }
          return .goesOn
        }
        left.endPlugins()
      }
    }
    if let settlement = settlementOfWholeLog { return .ended(settlement) }
    if journals.contains(where: hasBegunChange) {
      return .ended(.inspect(reason: "interrupted: its supervisor was killed in the middle of a change"))
    }
    return .ended(unbegun("interrupted: its supervisor was killed before anything was changed"))
  }

  /// A supervisor that came to the job's last event was only kept from writing down the outcome. A plan's digest is in
  /// no event, so what makes a plan is done again.
  private var settlementOfWholeLog: Settlement? {
    guard claim.job.step == .whole || claim.job.step == .applyPlan else { return nil }
    var last: JSONValue?
    EventScan(path: folder.events).forEach("job.finished") { last = $0 }
    guard let end = last, let result = end["result"]?.string.flatMap(JobResult.init),
      let code = end["exit_code"]?.int
    else { return nil }
    return AttemptOutcome(
      step: claim.job.step,
      result: result,
      exitCode: code,
      reason: end["reason"]?.string,
      digest: nil,
      diagnostics: [],
      journal: nil
    ).settlement(interruption: nil, hasBegunChange: true)
  }

  /// The note comes first: an engine that gets a second SIGINT gives up at once.
  private func interruptOnce(_ engine: ProcessIdentity) {
    do throws(FileError) {
      try LocalFiles.add(folder.interrupted, with: engine.json.bytes(.pretty))
    } catch {
      return
    }
    if engine.mayBeAlive { kill(pid_t(engine.pid), SIGINT) }
  }

  private func hasBegunChange(_ journal: String) -> Bool {
    var hasBegun = false
    EventScan(path: journal).forEach("phase.started") { event in
      hasBegun = hasBegun || event["phase"]?.string == Phase.update.rawValue
    }
    return hasBegun
  }

  /// How long the attempt's phases took.
  var phases: [(phase: String, seconds: Double)] {
    var phases: [(phase: String, seconds: Double)] = []
    EventScan(path: folder.events).forEach("phase.finished") { event in
      guard let phase = event["phase"]?.string, let seconds = event["seconds"]?.double else { return }
      phases.append((phase, seconds))
    }
    return phases
  }
}

extension JSONValue {
  /// The document in a file; nil when there is none, or no whole one.
  static func file(_ path: String) -> JSONValue? {
    LocalFiles.text(path).flatMap { try? JSONValue(parsing: $0) }
  }
}
