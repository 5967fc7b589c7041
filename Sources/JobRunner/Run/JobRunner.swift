import Engines
package import LocalFiles
import StackModel
import ToolProcess
import Translation

/// Runs one job from its lock to its last event.
///
/// ```
///   lock ─▶ prepare ─▶ init ─▶ plan ─▶ show ─▶ approval ─▶ apply ─▶ finish
///              │         └──────── JobMachine says which ────┘         │
///              └ workspace, state server, engine        journal, state, lock released
/// ```
///
/// Nothing here is cancelled as a task: a stop arrives through the context's ``StopSwitch``, the
/// engine ends in its own time, and what follows (state, lock, last event) is always done.
package struct JobRunner: Sendable {
  private let job: Job
  private let context: JobContext

  package init(job: Job, context: JobContext) {
    self.job = job
    self.context = context
  }

  /// - Returns: how the job ended. Every failure that has to do with the job is an outcome.
  /// - Throws: only when the job's own journal cannot be made.
  package func run() async throws(FileError) -> JobOutcome {
    let watch = Stopwatch()
    let folder = StackFolder(home: context.stateHome, stack: job.stack)
    let files = folder.job(job.id)
    try LocalFiles.makeFolder(files.path)
    let journal = try Journal(
      job: job.id,
      stack: job.stack,
      path: files.journal,
      redactor: Redactor(secrets: job.program.secretValues + job.masked),
      clock: context.clock,
      sink: context.sink
    )
    journal.append(
      .jobStarted(
        operation: job.flow.operation,
        engine: context.engine.name,
        manifest: job.manifest,
        version: context.version
      )
    )

    if let target = job.target { journal.append(.providerSelected(target)) }

    context.interrupts.tell { action in
      journal.append(
        .interrupted(
          InterruptionText.interruption(
            action,
            engine: context.engine.name.rawValue,
            inFlight: journal.inFlight,
            savedSerial: managedSerial(folder)
          )
        )
      )
    }
    defer { context.interrupts.tell(nil) }

    var outcome = JobOutcome(result: .failed, exitCode: .failed, journal: files.journal)
    var lockReleased: Bool?
    do throws(StackLock.Failure) {
      let lock = try StackLock.acquire(folder, for: holder())
      let session = EngineSession(
        job: job,
        context: context,
        folder: folder,
        files: files,
        journal: journal,
        lock: lock
      )
      await session.run(into: &outcome)
      lockReleased = release(lock, journal)
    } catch {
      journal.append(.diagnostic(error.diagnostic(stack: job.stack, lockPath: folder.lock)))
      outcome.exitCode = error.exitCode
      outcome.reason = error.reason
    }
    if journal.writeFailure != nil { journal.sync() }
    if let failure = journal.writeFailure {
      outcome.reason = (outcome.reason.map { "\($0); " } ?? "") + "the journal is not complete: \(failure)"
    }
    journal.append(
      .jobFinished(
        JobFinished(
          result: outcome.result,
          exitCode: outcome.exitCode,
          seconds: watch.seconds,
          reason: outcome.reason,
          stateSerial: managedSerial(folder),
          lockReleased: lockReleased
        )
      )
    )
    journal.sync()
    JobHistory(folder).prune(keeping: job.id)
    return outcome
  }

  private func holder() -> StackLock.Holder {
    StackLock.Holder(
      job: job.id,
      operation: job.flow.operation.rawValue,
      user: context.user,
      since: context.clock().description,
      process: .current()
    )
  }

  private func release(_ lock: StackLock, _ journal: Journal) -> Bool {
    do throws(FileError) {
      try lock.release()
      return true
    } catch {
      journal.append(
        .diagnostic(
          EngineDiagnostic(
            severity: .warning,
            summary: "The stack's lock could not be removed",
            detail: "\(error). The next job will find its holder dead and take it over."
          )
        )
      )
      return false
    }
  }

  private func managedSerial(_ folder: StackFolder) -> Int? {
    guard case .managed = job.backend, let newest = try? StateStore(folder).newest() else { return nil }
    return newest.serial
  }
}

extension StackLock.Failure {
  var exitCode: ExitCode {
    switch self {
    case .held: .locked
    case .unreadable, .file: .failed
    }
  }

  var reason: String {
    switch self {
    case .held(let holder): "locked by job \(holder.job)"
    case .unreadable(let path): "the lock file \(path) cannot be read"
    case .file(let error): error.description
    }
  }

  func diagnostic(stack: StackID, lockPath: String) -> EngineDiagnostic {
    switch self {
    case .held(let holder):
      EngineDiagnostic(
        severity: .error,
        summary: "The stack \(stack) is locked",
        detail: """
          Job \(holder.job) (\(holder.operation), by \(holder.user)) has held it since \(holder.since), \
          process \(holder.process.pid)\(holder.engine.map { ", engine process \($0.pid)" } ?? ""). \
          Wait for it to end and try again. A holder that has died on this machine loses its lock by itself; \
          if it ran elsewhere and is surely gone, remove \(lockPath).
          """
      )
    case .unreadable(let path):
      EngineDiagnostic(
        severity: .error,
        summary: "The stack's lock cannot be understood",
        detail: "Look at \(path). If no job is running on this stack, remove it and try again."
      )
    case .file(let error):
      EngineDiagnostic(
        severity: .error,
        summary: "The stack cannot be locked",
        detail: "\(error). Check the state home's permissions and free space."
      )
    }
  }
}
