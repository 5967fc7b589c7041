package import LocalFiles
package import StackModel
package import YAMLTree

/// The runs below a state home.
///
/// ```
/// runs/<id>/run.json               how far the run has come; replaced whole at every step
///           manifests/<task>.yaml  the built manifests, references unresolved
///           decisions/<task>.json  somebody's word on a gate; made once, never changed
///           lock                   held by the process that carries the run out
/// ```
package struct RunStore: Sendable {
  package let path: String

  package init(home: String) { path = "\(home)/runs" }

  package struct Folder: Sendable, Hashable {
    package let path: String

    package func manifest(_ task: String) -> String { "\(path)/manifests/\(task).yaml" }
    var record: String { "\(path)/run.json" }
    var decisions: String { "\(path)/decisions" }
    func decision(_ task: String) -> String { "\(decisions)/\(task).json" }
    var lock: String { "\(path)/lock" }
  }

  package enum Problem: Error, Sendable, Hashable {
    case file(FileError)
    /// The record is there and cannot be understood.
    case unreadable(path: String)
  }

  package func folder(_ id: String) -> Folder { Folder(path: "\(path)/\(id)") }

  /// Ids of all runs, oldest first: they begin with the time.
  package func ids() -> [String] {
    ((try? LocalFiles.list(path)) ?? []).filter { LocalFiles.isFile(folder($0).record) }
  }

  /// Puts the record in the place of the one before. When this returns it is on disk for good.
  package func write(_ run: Run) throws(FileError) {
    try LocalFiles.replace(folder(run.id).record, with: run.json.bytes(.pretty))
  }

  /// The run as it stands now, with decisions that no process has taken up yet.
  package func read(_ id: String, at now: Timestamp) -> Result<Run, Problem> {
    let folder = folder(id)
    let bytes: [UInt8]
    do throws(FileError) { bytes = try LocalFiles.read(folder.record) } catch {
      return .failure(.file(error))
    }
    guard let json = try? JSONValue(parsing: bytes), let run = Run(json: json) else {
      return .failure(.unreadable(path: folder.record))
    }
    return .success(RunMachine.standing(run, with: decisions(on: run), at: now))
  }

  /// The sources of references that the run was made with; problems of theirs are the record's.
  package func sources(of run: Run) -> YAMLNode? {
    // JSON is YAML too, so one reader does for both files.
    run.sources.flatMap { YAMLReader.read($0.bytes(), file: folder(run.id).record).documents.first }
  }

  /// What was decided about gates that the run still waits at.
  package func decisions(on run: Run) -> [GateDecision] {
    run.tasks.filter { $0.status == .awaitingApproval }.compactMap { decision(on: $0.name, of: run.id) }
  }

  /// Nil also for what cannot be understood, or is about another gate.
  package func decision(on task: String, of id: String) -> GateDecision? {
    guard let text = LocalFiles.text(folder(id).decision(task)), let json = try? JSONValue(parsing: text),
      let decision = GateDecision(json: json), decision.task == task
    else { return nil }
    return decision
  }

  /// Files that stand where a decision about an open gate would be kept, and are none.
  package func unreadableDecisions(on run: Run) -> [(task: String, path: String)] {
    run.tasks.filter { $0.status == .awaitingApproval && decision(on: $0.name, of: run.id) == nil }
      .map { ($0.name, folder(run.id).decision($0.name)) }.filter { LocalFiles.exists($0.1) }
  }

  /// Keeps a decision for good. Of several people exactly one decides.
  ///
  /// - Throws: an error that says `alreadyExists` to all others.
  package func add(_ decision: GateDecision, to id: String) throws(FileError) {
    try LocalFiles.makeFolder(folder(id).decisions, durably: true)
    try LocalFiles.add(folder(id).decision(decision.task), with: decision.json.bytes(.pretty))
  }

  package func remove(_ id: String) { try? LocalFiles.removeTree(folder(id).path) }

  /// Removes what nobody needs any more: runs that are over, beyond the newest, and folders that never became a run.
  ///
  /// What still waits for somebody is kept however old it is.
  ///
  /// - Parameters:
  ///   - count: how many of the newest runs stay in any case.
  ///   - started: an id; folders without a record that were made later may still become a run.
  package func prune(keeping count: Int, abandonedBefore started: String, at now: Timestamp) {
    let ids = ids()
    for id in ids.dropLast(count) {
      guard case .success(let run) = read(id, at: now), run.result != nil, let lock = try? lock(id) else {
        continue
      }
      remove(id)
      withExtendedLifetime(lock) {}
    }
    let known = Set(ids)
    for id in (try? LocalFiles.list(path)) ?? [] where !known.contains(id) && id < started { remove(id) }
  }

  /// The right to carry a run out; nil when another process has it.
  package func lock(_ id: String) throws(FileError) -> RunLock? { try RunLock.take(folder(id).lock) }
}
