package import LocalFiles
package import StackModel
package import ToolProcess

/// The right to change a stack, held by one job at a time.
///
/// The holder is recorded as a ``ProcessIdentity``, so that the next job can tell a holder that works
/// from one that is provably dead, and takes the lock over only in the second case.
package struct StackLock: Sendable {
  package struct Holder: Sendable, Hashable {
    package var job: String
    package var operation: String
    package var user: String
    package var since: String
    package var process: ProcessIdentity
    /// The engine, which may outlive the process that started it.
    package var engine: ProcessIdentity?

    package init(
      job: String,
      operation: String,
      user: String,
      since: String,
      process: ProcessIdentity,
      engine: ProcessIdentity? = nil
    ) {
      self.job = job
      self.operation = operation
      self.user = user
      self.since = since
      self.process = process
      self.engine = engine
    }

    package var mayBeAlive: Bool { process.mayBeAlive || engine?.mayBeAlive == true }
  }

  package enum Failure: Error, Sendable {
    case held(by: Holder)
    /// The lock file is there and cannot be understood.
    case unreadable(path: String)
    case file(FileError)
  }

  private let path: String
  package let holder: Holder
  /// The dead holder whose lock was taken over, whose work may have left things behind.
  package let abandoned: Holder?

  /// Takes the lock or says who has it.
  package static func acquire(_ folder: StackFolder, for holder: Holder) throws(Failure) -> StackLock {
    do throws(FileError) { try LocalFiles.makeFolder(folder.path) } catch { throw .file(error) }
    // Looking and taking are one step for all who do the same: between the two, another could take the
    // lock of the same dead holder.
    return try LocalFiles.exclusively(under: folder.lockGuard, orThrow: Failure.file) {
      () throws(Failure) in
      let current = Self.holder(of: folder)
      if let current, current.mayBeAlive { throw .held(by: current) }
      if current == nil, LocalFiles.exists(folder.lock) { throw .unreadable(path: folder.lock) }
      do throws(FileError) {
        try LocalFiles.replace(folder.lock, with: holder.json.bytes(.pretty))
      } catch { throw .file(error) }
      return StackLock(path: folder.lock, holder: holder, abandoned: current)
    }
  }

  /// Records the engine, so that the lock counts as held while it runs, with us or without.
  package func record(enginePID: Int) {
    var updated = holder
    updated.engine = ProcessIdentity.of(pid: enginePID)
    try? LocalFiles.replace(path, with: updated.json.bytes(.pretty))
  }

  /// Gives the lock back. One that a person has removed meanwhile, and another job has taken, is theirs.
  package func release() throws(FileError) {
    guard Self.holder(at: path)?.job == holder.job else { return }
    try LocalFiles.remove(path)
  }

  /// Who holds the stack now, dead or alive.
  package static func holder(of folder: StackFolder) -> Holder? { holder(at: folder.lock) }

  private static func holder(at path: String) -> Holder? {
    LocalFiles.text(path).flatMap { try? JSONValue(parsing: $0) }.flatMap(Holder.init(json:))
  }
}

extension StackLock.Holder {
  package var json: JSONValue {
    [
      "job": .string(job), "operation": .string(operation), "user": .string(user),
      "since": .string(since), "process": process.json, "engine": engine?.json ?? .null,
    ]
  }

  init?(json: JSONValue) {
    guard let job = json["job"]?.string, let process = ProcessIdentity(json: json["process"]) else {
      return nil
    }
    self.init(
      job: job,
      operation: json["operation"]?.string ?? "",
      user: json["user"]?.string ?? "",
      since: json["since"]?.string ?? "",
      process: process,
      engine: ProcessIdentity(json: json["engine"])
    )
  }
}
