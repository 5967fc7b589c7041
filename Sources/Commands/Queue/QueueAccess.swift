import Digests
import JobSources
import LocalFiles
import StackModel

/// A queue that is looked at and decided on, wherever it is.
enum QueueAccess {
  case folder(QueueDirectory)
  case endpoint(QueueClient)

  static func open(_ queue: String, _ options: EndpointOptions) throws -> QueueAccess {
    QueueOptions.isURL(queue)
      ? .endpoint(QueueClient(options.endpoint(queue))) : .folder(try QueueOptions.existing(queue))
  }

  func jobs(_ status: QueuedJob.Status?) throws -> [QueuedJob] {
    switch self {
    case .folder(let directory):
      try QueueFailure.catching { () throws(FileError) in try directory.jobs() }
        .filter { status == nil || $0.status == status }
    case .endpoint(let client):
      try QueueFailure.asking { () throws(QueueClient.Failure) in try client.jobs(status) }
    }
  }

  /// Ends the command when there is no such job.
  func job(_ id: String) throws -> QueuedJob { try view(id).job }

  /// The job, and what more there is to say of it.
  func view(_ id: String) throws -> (job: QueuedJob, more: JSONObject) {
    switch self {
    case .folder(let directory):
      guard let job = try QueueFailure.catching({ () throws(FileError) in try directory.job(id) }) else {
        break
      }
      let folder = directory.layout.job(id)
      let last = folder.attempt(job.attempts)
      let files = [
        ("events", last.events), ("markdown", last.markdown), ("outputs", last.outputs),
        ("messages", last.messages), ("plan", folder.plan), ("decision", folder.decision),
      ]
      let found = files.filter { LocalFiles.exists($0.1) }.map { ($0.0, JSONValue.string($0.1)) }
      return (job, JSONObject([("folder", .string(folder.path)), ("files", .object(JSONObject(found)))]))
    case .endpoint(let client):
      guard StackJob.isLegalID(id),
        let view = try QueueFailure.asking({ () throws(QueueClient.Failure) in try client.job(id) })
      else { break }
      return (view.job, JSONObject([("artefacts", .array(view.artefacts.map(\.json)))]))
    }
    try Console.require([.noJob(id)])
    throw StackModel.ExitCode.badData.thrown
  }

  /// Prints one of a job's files, by its name below the job's folder, piece by piece.
  func show(_ name: String, of id: String) throws {
    let job = try view(id)
    switch self {
    case .folder(let directory):
      let path = "\(directory.layout.job(id).path)/\(name)"
      if Wire.Artefact.isLegal(name), LocalFiles.isFile(path) {
        return try QueueFailure.catching { () throws(FileError) in try Self.show(path) }
      }
    case .endpoint(let client):
      let artefacts = job.more["artefacts"]?.array?.compactMap(Wire.Artefact.init) ?? []
      if let artefact = artefacts.first(where: { $0.name == name }) {
        let temporary = ProcessEnvironment.read()["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let path = "\(temporary)/stackjob-file-\(RandomToken.make())"
        defer { try? LocalFiles.remove(path) }
        try QueueFailure.asking { () throws(QueueClient.Failure) in
          try client.fetch(artefact, of: id, to: path)
        }
        return try QueueFailure.catching { () throws(FileError) in try Self.show(path) }
      }
    }
    try Console.require([
      .error(
        "queue.unknown-file",
        "job `\(id)` has no file `\(name)`",
        hint: "`stackjob job show` says which there are; for example plan/plan.md or attempts/1/result.md"
      )
    ])
    throw StackModel.ExitCode.badData.thrown
  }

  private static func show(_ path: String) throws(FileError) {
    try LocalFiles.forEachChunk(of: path) { Console.write(Array($0)) }
  }

  func request(_ request: JobRequest, of id: String, by person: String, queue: String) throws {
    switch self {
    case .folder(let directory):
      let refusal = try QueueFailure.catching { () throws(FileError) in
        try directory.request(request, of: id, by: person)
      }
      guard let refusal else { return }
      try Console.require([
        .error("queue.refused", refusal, hint: "`stackjob jobs --queue \(queue)` says how each job stands")
      ])
    case .endpoint(let client):
      guard StackJob.isLegalID(id) else { return try Console.require([.noJob(id)]) }
      try QueueFailure.asking { () throws(QueueClient.Failure) in
        try client.request(request, of: id, by: person)
      }
    }
  }

  /// A piece of an attempt's log.
  func events(of id: String, attempt: Int, from offset: Int, atMost count: Int) throws -> [UInt8] {
    switch self {
    case .folder(let directory):
      let path = directory.layout.job(id).attempt(attempt).events
      return (try? LocalFiles.read(path, from: offset, atMost: count)) ?? []
    case .endpoint(let client):
      return try QueueFailure.asking { () throws(QueueClient.Failure) in
        try client.events(id, attempt: attempt, from: offset, atMost: count)
      }
    }
  }
}
