package import LocalFiles
package import StackModel

/// From a document to a job with a ticket.
extension QueueDirectory {
  package enum Accepted: Sendable {
    case queued(QueuedJob)
    /// A bad document: kept, and ended as `failed`.
    case refused(QueuedJob)
    /// There is a job of that id; nothing was done.
    case duplicate(id: String)
  }

  /// Takes a document in. When this returns the job is on disk for good.
  ///
  /// - Parameter name: the file's name, which names a job whose document gives no id.
  package func accept(_ document: [UInt8], name: String) throws(FileError) -> Accepted {
    try guarded { () throws(FileError) in try take(document, name: name) }
  }

  private func take(_ document: [UInt8], name: String) throws(FileError) -> Accepted {
    var stem = name
    for suffix in [".json", ".yaml", ".yml"] where stem.hasSuffix(suffix) {
      stem = String(stem.dropLast(suffix.count))
    }
    let fallback = StackJob.isLegalID(stem) ? stem : newID()
    var job: QueuedJob
    var manifest: String?
    switch StackJob.read(document, file: name) {
    case .success(let read):
      job = QueuedJob(
        id: read.id ?? fallback,
        operation: read.operation.rawValue,
        submitted: clock().description
      )
      job.isSandbox = read.isSandbox
      job.priority = read.priority
      job.step = read.needsApproval ? .plan : .whole
      job.approvalLimit = read.approvalLimit
      job.labels = read.json["labels"] ?? [:]
      job.callback = read.callback
      manifest = read.manifest
    case .failure(let failure):
      job = QueuedJob(id: fallback, operation: "", submitted: clock().description)
      fail(&job, failure.diagnostics)
    }
    let folder = layout.job(job.id)
    if LocalFiles.exists(folder.path) {
      // Its taker died before there was a ticket.
      if status(of: job.id) == nil, let left = record(job.id) { try addTicket(left) }
      return .duplicate(id: job.id)
    }
    let draft = QueueJobFolder(path: "\(layout.jobs)/.\(job.id).tmp")
    try LocalFiles.removeTree(draft.path)
    try LocalFiles.makeFolder(draft.path)
    try LocalFiles.replace(draft.document, with: document)
    if let manifest { try LocalFiles.replace(draft.manifest, with: Array(manifest.utf8)) }
    if job.status != .completed, case .success(let read) = StackJob.read(document, file: name) {
      switch describe(read, read.manifestFile ?? draft.manifest) {
      case .success(let stack): job.stack = stack.description
      case .failure(let failure):
        fail(
          &job,
          failure.diagnostics.map { problem in
            var problem = problem
            if problem.location?.file == draft.manifest { problem.location?.file = folder.manifest }
            return problem
          }
        )
      }
    }
    if job.status == .completed { try owe(&job) }
    try LocalFiles.replace(draft.record, with: job.json.bytes(.pretty))
    try LocalFiles.rename(draft.path, to: folder.path)
    try addTicket(job)
    guard job.status == .completed else { return .queued(job) }
    onEnd(job)
    return .refused(job)
  }

  private func addTicket(_ job: QueuedJob) throws(FileError) {
    if job.status == .queued { _ = try newMark() }
    try LocalFiles.replace(layout.ticket(job.id, job.status), with: [])
  }

  private func fail(_ job: inout QueuedJob, _ problems: [Diagnostic]) {
    job.status = .completed
    job.result = .failed
    job.exitCode = Int(ExitCode.badData.rawValue)
    job.reason = problems.first { $0.severity == .error }?.message
    job.diagnostics = problems.map(\.json)
    job.finished = clock().description
  }

  package func newID() -> String { Self.newID(clock()) }

  package static func newID(_ now: Timestamp) -> String {
    let digits = now.description.filter(\.isNumber)
    return "\(digits.prefix(14))-\(String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16))"
  }

  /// Takes in what was put into `incoming`.
  ///
  /// A whole JSON document ends where it says; of YAML half may pass for all of it, so a file is left alone until
  /// nobody has written to it for a second.
  ///
  /// At most ``batch`` files: leases are to be renewed in between.
  package func takeIncoming() throws(FileError) -> [Accepted] {
    try inTurn { () throws(FileError) in try takeIncomingInTurn() }
  }

  static let batch = 50

  /// Two workers that took in the same file would find it gone in the middle of that, or ask the same thing twice.
  func inTurn<Value>(_ body: () throws(FileError) -> Value) throws(FileError) -> Value {
    try LocalFiles.exclusively(under: layout.intakeGuard, orThrow: { $0 }, body)
  }

  /// What is neither a file nor readable is nobody's job, and waits for nothing.
  func incomingFiles() throws(FileError) -> some Sequence<String> {
    let folder = layout.incoming
    return try LocalFiles.list(folder).lazy.filter { name in
      !name.hasPrefix(".") && !name.hasSuffix(".tmp") && LocalFiles.isFile("\(folder)/\(name)")
    }
  }

  private func takeIncomingInTurn() throws(FileError) -> [Accepted] {
    var taken: [Accepted] = []
    for name in try incomingFiles() {
      if taken.count == Self.batch { break }
      let path = "\(layout.incoming)/\(name)"
      guard let bytes = try? LocalFiles.read(path) else { continue }
      let isWhole = !bytes.isEmpty && (try? JSONValue(parsing: bytes)) != nil
      guard isWhole || (LocalFiles.secondsSinceChange(of: path) ?? 0) > 1 else { continue }
      taken.append(try accept(bytes, name: name))
      try LocalFiles.remove(path)
    }
    return taken
  }
}
