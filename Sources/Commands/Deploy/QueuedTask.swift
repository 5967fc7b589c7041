import Deployment
import JobRunner
import JobSources
import LocalFiles
import StackModel
import ToolProcess

/// Has the jobs of a run carried out by whoever takes jobs from a queue.
///
/// A job outlives this process: its id is in the run's record before it is submitted, and a process that takes the run
/// up follows the job that is there.
struct QueuedTask: Sendable {
  let directory: QueueDirectory
  let run: Run
  let user: String
  let isSandbox: Bool
  let engine: EngineOptions
  /// The built manifest of a task.
  let manifest: @Sendable (_ task: String) -> String

  /// The job that goes on for a task whose process has died, or has done what is wanted meanwhile.
  func standing(_ task: RunTask?) -> String? {
    guard let id = task?.jobs.last, let job = try? directory.job(id) else { return nil }
    return job.status != .completed || job.result == .succeeded ? id : nil
  }

  func journal(_ id: String) -> String { directory.layout.job(id).attempt(1).events }

  /// - Parameter show: is given each event as it comes.
  func run(
    _ task: RunTask,
    id: String,
    stop: StopSwitch,
    show: (JSONValue) -> Void
  ) async throws(FileError) -> TaskEnd {
    if case .refused(let job) = try directory.accept(try document(task, id).json.bytes(.pretty), name: id) {
      return end(job, nil)
    }
    var changes: ChangeSummary?
    var tail = EventTail(path: "", from: 1)
    var attempt = 0
    var (asked, told) = (false, false)
    while true {
      // Looked at first: what is written before the end is then read after it.
      guard let job = try directory.job(id) else {
        return TaskEnd(result: .failed, exitCode: .failed, reason: "the job \(id) is no longer in the queue")
      }
      if job.attempts > attempt {
        attempt = job.attempts
        tail = EventTail(path: directory.layout.job(id).attempt(attempt).events, from: 1)
      }
      for line in attempt > 0 ? tail.read().split(separator: 0x0A) : [] {
        guard let event = try? JSONValue(parsing: line) else { continue }
        if event["type"] == "apply.summary" { changes = ChangeSummary(json: event["summary"]) }
        show(event)
      }
      if job.status == .completed { return end(job, changes) }
      if job.status == .awaitingApproval, !told {
        told = true
        Console.note(
          "\(task.name): job \(id) waits in the queue for a decision: \(job.reason ?? "its plan")\n"
        )
      }
      if stop.isStopRequested, !asked {
        asked = true
        _ = try directory.request(.cancel, of: id, by: user)
      }
      // Cancellation is no way for a job to end; the switch is.
      try? await Task.sleep(for: .milliseconds(200))
    }
  }

  private func document(_ task: RunTask, _ id: String) throws(FileError) -> StackJob {
    var job = StackJob(operation: .update)
    job.id = id
    job.manifest = String(decoding: try LocalFiles.read(manifest(task.name)), as: UTF8.self)
    job.image = run.image
    job.version = run.versionTag
    job.references = run.references
    job.sources = run.sources
    job.backend = task.rules.backend
    job.engine = engine.engine ?? task.rules.engine
    job.providers = engine.providers?.rawValue
    job.isSandbox = isSandbox
    job.skipRefresh = task.rules.skipsRefresh
    job.previewBeforeUpdate = task.rules.previewsFirst
    job.labels = ["run": run.id, "task": task.name]
    return job
  }

  private func end(_ job: QueuedJob, _ changes: ChangeSummary?) -> TaskEnd {
    let result: JobResult =
      switch job.result {
      case .succeeded: .succeeded
      case .cancelled: .cancelled
      // What was turned down or cut short there is for the run a task that is not done.
      case .failed, .rejected, .interrupted, nil: .failed
      }
    let code = job.exitCode.flatMap { ExitCode(rawValue: Int32($0)) } ?? .failed
    return TaskEnd(
      result: result,
      exitCode: result == .cancelled ? .cancelled : result == .failed && code == .done ? .failed : code,
      reason: result == .succeeded ? nil : job.reason ?? job.result?.rawValue,
      changes: result == .succeeded ? changes ?? ChangeSummary() : changes,
      journal: directory.layout.job(job.id).attempt(max(1, job.attempts)).events
    )
  }
}
