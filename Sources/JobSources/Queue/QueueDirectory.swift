import Digests
package import LocalFiles
package import StackModel
import ToolProcess

/// A queue in a folder that many processes share.
///
/// A job's ticket is a file in one of four folders, and a claim is its rename from `queued` to `running`.
/// Looking and moving happen under one file lock, for that no two jobs of a stack run at once.
package struct QueueDirectory: Sendable {
  /// What a document means to the program: its stack, or why it is none.
  package typealias Describe = @Sendable (StackJob, _ manifest: String) -> Result<StackID, DiagnosticFailure>

  package let layout: QueueLayout
  let worker: ProcessIdentity
  let clock: @Sendable () -> Timestamp
  let describe: Describe
  let order = QueueOrder()
  /// Gets each job that ends by this process.
  package var onEnd: @Sendable (QueuedJob) -> Void = { _ in }

  /// How long a lease holds without being renewed, in milliseconds.
  package static let leaseMilliseconds: Int64 = 30_000
  /// After so many attempts a job that keeps losing its supervisor is a dead letter.
  package static let attemptLimit = 3
  /// The longest pause of a job that finds its stack locked, in milliseconds; the first is a twelfth of it.
  static let longestWait: Int64 = 60_000

  package init(
    root: String,
    clock: @escaping @Sendable () -> Timestamp,
    describe: @escaping Describe
  ) {
    layout = QueueLayout(root: LocalFiles.rooted(root))
    worker = .current()
    self.clock = clock
    self.describe = describe
  }

  /// Makes the folders that are missing.
  package func open() throws(FileError) {
    for folder in layout.folders { try LocalFiles.makeFolder(folder, durably: true) }
  }

  /// Whether there is a queue at the path.
  package var exists: Bool { LocalFiles.isFolder(layout.jobs) }

  func guarded<Value>(_ body: () throws(FileError) -> Value) throws(FileError) -> Value {
    try LocalFiles.exclusively(under: layout.guardFile, orThrow: { $0 }, body)
  }

  // MARK: Reading

  /// The ids whose tickets lie in a folder.
  func ids(_ status: QueuedJob.Status) throws(FileError) -> [String] {
    try LocalFiles.list(layout.tickets(status)).filter(StackJob.isLegalID)
  }

  /// Where a job's ticket lies; nil when there is none.
  func status(of id: String) -> QueuedJob.Status? {
    QueuedJob.Status.allCases.first { LocalFiles.exists(layout.ticket(id, $0)) }
  }

  func record(_ id: String) -> QueuedJob? {
    LocalFiles.text(layout.job(id).record).flatMap { try? JSONValue(parsing: $0) }
      .flatMap(QueuedJob.init(json:))
  }

  /// Stands for a job whose record is damaged.
  func unreadable(_ id: String) -> QueuedJob {
    var job = QueuedJob(id: id, operation: "", submitted: "")
    job.reason = "its record \(layout.job(id).record) cannot be read"
    return job
  }

  /// Ends a job whose record is damaged: nobody can tell what it was to do. Under the guard.
  ///
  /// - Returns: a line for the worker's log.
  @discardableResult
  func endUnreadable(_ id: String, from status: QueuedJob.Status) throws(FileError) -> String {
    let folder = layout.job(id)
    var job = unreadable(id)
    let reason = "\(job.reason ?? ""); it is kept as \(folder.damagedRecord). Submit the job under another id"
    job.submitted = clock().description
    try LocalFiles.makeFolder(folder.path)
    if LocalFiles.exists(folder.record) { try LocalFiles.rename(folder.record, to: folder.damagedRecord) }
    complete(&job, .failed, reason: reason)
    try move(job, from: status)
    return "\(id): failed: \(reason)"
  }

  /// All jobs in the order of submission.
  package func jobs() throws(FileError) -> [QueuedJob] {
    try guarded { () throws(FileError) in
      var found: [QueuedJob] = []
      for status in QueuedJob.Status.allCases {
        for id in try ids(status) {
          var job = record(id) ?? unreadable(id)
          job.status = status
          found.append(job)
        }
      }
      return found.sorted { ($0.submitted, $0.id) < ($1.submitted, $1.id) }
    }
  }

  package func job(_ id: String) throws(FileError) -> QueuedJob? {
    guard StackJob.isLegalID(id) else { return nil }
    return try guarded { () throws(FileError) in
      guard let status = status(of: id) else { return nil }
      var job = record(id) ?? unreadable(id)
      job.status = status
      return job
    }
  }

  // MARK: Changing; always under the guard

  func write(_ job: QueuedJob) throws(FileError) {
    try LocalFiles.replace(layout.job(job.id).record, with: job.json.bytes(.pretty))
  }

  /// Says, before it is so, that other jobs wait than before.
  func newMark() throws(FileError) -> String {
    let mark = RandomToken.make()
    try LocalFiles.replace(layout.mark, with: Array(mark.utf8), durably: false)
    return mark
  }

  /// Writes the record and moves the ticket. A crash between the two leaves the ticket where it was, and
  /// whoever finds it there does the rest.
  func move(_ job: QueuedJob, from old: QueuedJob.Status) throws(FileError) {
    var job = job
    if old != job.status { try owe(&job) }
    try write(job)
    guard old != job.status else { return }
    if old == .queued || job.status == .queued { _ = try newMark() }
    try LocalFiles.rename(layout.ticket(job.id, old), to: layout.ticket(job.id, job.status))
    if job.status == .completed { onEnd(job) }
  }

  func note(_ id: String, _ action: String, by person: String, _ more: JSONObject = [:]) {
    var line = JSONObject([
      ("time", .string(clock().description)), ("action", .string(action)), ("by", .string(person)),
    ])
    for (key, value) in more { line[key] = value }
    let path = layout.job(id).audit
    let before = (try? LocalFiles.read(path)) ?? []
    try? LocalFiles.replace(path, with: before + JSONValue.object(line).bytes() + [0x0A])
  }
}
