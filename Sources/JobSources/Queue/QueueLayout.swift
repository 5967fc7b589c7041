/// Where things stand in a queue folder; `docs/queue.md` describes it.
package struct QueueLayout: Sendable {
  package let root: String

  package init(root: String) { self.root = root }

  /// New documents, under whatever name.
  var incoming: String { "\(root)/incoming" }
  /// Decisions and requests: `ID.cancel`, `ID.approve`, `ID.reject`, `ID.rerun`.
  var control: String { "\(root)/control" }
  /// How much memory the jobs of a stack took.
  package var memory: String { "\(root)/memory.json" }
  /// A folder for each job, for good.
  var jobs: String { "\(root)/jobs" }
  /// Held for the moment of a change.
  var guardFile: String { "\(root)/queue.guard" }
  /// Held while a worker takes in what was dropped into `incoming` and `control`.
  var intakeGuard: String { "\(root)/intake.guard" }

  /// Held by the worker that tells of changes.
  var callbackGuard: String { "\(root)/callbacks.guard" }
  /// A file for each change that somebody is still to be told of.
  var callbacks: String { "\(root)/callbacks" }

  func callback(_ id: String, _ number: Int) -> String { "\(callbacks)/\(id).\(number)" }

  /// A job's ticket lies in exactly one of these; moving it is one rename.
  func tickets(_ status: QueuedJob.Status) -> String { "\(root)/tickets/\(status.rawValue)" }

  /// Another text whenever other jobs wait than before.
  var mark: String { "\(root)/tickets/mark" }

  func ticket(_ id: String, _ status: QueuedJob.Status) -> String { "\(tickets(status))/\(id)" }

  package func job(_ id: String) -> QueueJobFolder { QueueJobFolder(path: "\(jobs)/\(id)") }

  /// Where what a worker waits for turns up.
  package var watched: [String] { [incoming, control, tickets(.queued)] }

  var folders: [String] { [incoming, control, jobs, callbacks] + QueuedJob.Status.allCases.map(tickets) }
}

/// What a queue keeps of one job.
package struct QueueJobFolder: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  /// As it was submitted.
  package var document: String { "\(path)/job.yaml" }
  package var manifest: String { "\(path)/manifest.yaml" }
  package var record: String { "\(path)/status.json" }
  /// What `status.json` was, when it could not be read.
  var damagedRecord: String { "\(path)/status.json.damaged" }
  /// Who runs it, until when, with which token.
  package var lease: String { "\(path)/lease.json" }
  /// The plan that waits for a decision, or was decided on.
  package var plan: String { "\(path)/plan" }
  /// What was decided, by whom.
  package var decision: String { "\(path)/decision.json" }
  /// A line for each decision and request.
  package var audit: String { "\(path)/audit.ndjson" }

  package func attempt(_ number: Int) -> AttemptFolder { AttemptFolder(path: "\(path)/attempts/\(number)") }
}

/// What one attempt leaves behind.
package struct AttemptFolder: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  package var events: String { "\(path)/events.ndjson" }
  /// The manifest of a job whose signature was checked, as it was signed.
  package var manifest: String { "\(path)/manifest.yaml" }
  /// What the supervisor said on standard error.
  package var messages: String { "\(path)/messages.txt" }
  /// The supervisor's identity.
  package var supervisor: String { "\(path)/supervisor.json" }
  /// Written last and whole: the attempt is over.
  package var outcome: String { "\(path)/outcome.json" }
  /// There once the engine of a dead supervisor was asked to stop.
  package var interrupted: String { "\(path)/interrupted.json" }
  package var markdown: String { "\(path)/result.md" }
  package var outputs: String { "\(path)/outputs.json" }
}
