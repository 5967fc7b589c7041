import Digests
import LocalFiles
import StackModel
import ToolProcess

/// What a worker has of the jobs that it claimed from an endpoint, until the endpoint has all that they left.
///
/// A claim has a folder like a job of a queue folder. Whoever dies in between, the next worker on this machine finds
/// there what it has to go on with.
struct Spool: Sendable {
  let root: String

  private var jobs: String { "\(root)/jobs" }
  private var guardFile: String { "\(root)/spool.guard" }

  func open() throws(FileError) { try LocalFiles.makeFolder(jobs, durably: true) }

  func folder(_ id: String, token: Int) -> SpoolFolder { SpoolFolder(path: "\(jobs)/\(id).\(token)") }

  /// Everything is written before the folder has its name.
  ///
  /// - Parameter fetch: puts a file of an approved plan at a path; false when it cannot be had.
  /// - Returns: nil when there is something that cannot be had.
  func add(
    _ claim: Wire.Claim,
    fetch: (Wire.Artefact, _ path: String) throws(FileError) -> Bool
  ) throws(FileError) -> SpoolFolder? {
    let folder = folder(claim.job.id, token: claim.token)
    let draft = SpoolFolder(path: "\(jobs)/.\(claim.job.id).\(claim.token).tmp")
    try LocalFiles.removeTree(draft.path)
    try LocalFiles.removeTree(folder.path)
    let files = draft.job
    try LocalFiles.makeFolder(files.path)
    try LocalFiles.replace(files.document, with: Array(claim.document.utf8), durably: false)
    if case .success(let job) = StackJob.read(Array(claim.document.utf8), file: "job.yaml"),
      let manifest = job.manifest
    {
      try LocalFiles.replace(files.manifest, with: Array(manifest.utf8), durably: false)
    }
    if let decision = claim.decision {
      try LocalFiles.replace(files.decision, with: decision.bytes(.pretty), durably: false)
    }
    for artefact in claim.artefacts where artefact.name.hasPrefix("plan/") {
      let path = "\(files.path)/\(artefact.name)"
      try LocalFiles.makeFolder(LocalFiles.parent(of: path))
      guard try fetch(artefact, path) else {
        try LocalFiles.removeTree(draft.path)
        return nil
      }
    }
    try LocalFiles.replace(files.record, with: claim.job.json.bytes(.pretty), durably: false)
    try draft.take(for: .current(), token: claim.token)
    try LocalFiles.rename(draft.path, to: folder.path)
    return folder
  }

  /// The folders whose worker is gone; they are ours now.
  func orphans() throws(FileError) -> [SpoolFolder] {
    try LocalFiles.exclusively(under: guardFile, orThrow: { $0 }) { () throws(FileError) in
      var found: [SpoolFolder] = []
      for name in try LocalFiles.list(jobs) where !name.hasPrefix(".") {
        let folder = SpoolFolder(path: "\(jobs)/\(name)")
        guard let lease = Lease.read(folder.job.lease), !lease.worker.mayBeAlive else { continue }
        try folder.take(for: .current(), token: lease.token)
        found.append(folder)
      }
      return found
    }
  }
}

/// One claim of an endpoint's job.
struct SpoolFolder: Sendable {
  let path: String

  var job: QueueJobFolder { QueueJobFolder(path: path) }
  /// How the attempt ended; there until the endpoint has it.
  var report: String { "\(path)/report.json" }

  func take(for worker: ProcessIdentity, token: Int) throws(FileError) {
    try Lease(worker: worker, token: token, until: 0).write(job.lease)
  }

  var record: QueuedJob? {
    LocalFiles.text(job.record).flatMap { try? JSONValue(parsing: $0) }.flatMap(QueuedJob.init(json:))
  }

  func readReport() -> Wire.Report.Ending? {
    LocalFiles.text(report).flatMap { try? JSONValue(parsing: $0) }.flatMap(Wire.Report.Ending.init(json:))
  }

  func write(_ ending: Wire.Report.Ending) throws(FileError) {
    try LocalFiles.replace(report, with: JSONValue.object(JSONObject(ending.members)).bytes(.pretty))
  }

  /// The files that the endpoint gets beside the log, by their names there.
  func artefacts(attempt number: Int, withPlan: Bool) -> [(name: String, path: String)] {
    let attempt = job.attempt(number)
    var files = [attempt.markdown, attempt.outputs, attempt.messages].map { path in
      ("attempts/\(number)/\(LocalFiles.name(of: path))", path)
    }
    if withPlan { files += Self.files(below: job.plan, name: "plan") }
    return files.filter { LocalFiles.isFile($0.1) }
  }

  private static func files(below folder: String, name: String) -> [(String, String)] {
    ((try? LocalFiles.list(folder)) ?? []).flatMap { entry in
      let path = "\(folder)/\(entry)"
      return LocalFiles.isFolder(path)
        ? files(below: path, name: "\(name)/\(entry)") : [("\(name)/\(entry)", path)]
    }
  }
}
