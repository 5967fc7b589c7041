import Deployment
import JobRunner
import LocalFiles
import StackModel

/// Finds runs for the verbs that name one.
struct RunAccess {
  let session: Session

  var store: RunStore { RunStore(home: session.locations.stateHome) }

  /// The run that a person names: by its id, by the beginning of one, or as `last`.
  ///
  /// - Returns: the run and the session that it belongs to: that of the sandbox for what was run there.
  static func find(_ name: String) throws -> (access: RunAccess, run: Run) {
    let homes = try [false, true].map {
      RunAccess(session: try Session.open(templates: [], sandbox: $0))
    }
    var found: [(access: RunAccess, id: String)] = []
    for access in homes {
      let ids = access.store.ids()
      if name == "last" {
        found += ids.suffix(1).map { (access, $0) }
      } else {
        // A variable of a script that was never set is no way to name a run.
        found += ids.filter { !name.isEmpty && $0.hasPrefix(name) }.map { (access, $0) }
      }
    }
    // Ids begin with the time: of the last ones of two homes the later counts.
    if name == "last", let last = found.max(by: { $0.id < $1.id }) { found = [last] }
    if let exact = found.first(where: { $0.id == name }) { found = [exact] }
    guard let only = found.first, found.count == 1 else {
      try Console.require([
        found.isEmpty
          ? .error("run.unknown", "there is no run `\(name)`", hint: "`stackjob runs` lists them")
          : .error(
            "run.ambiguous",
            "`\(name)` is the beginning of \(found.count) runs",
            hint: "they are \(found.prefix(8).map(\.id).joined(separator: ", "))"
              + (found.count > 8 ? ", ..." : "")
          )
      ])
      throw StackModel.ExitCode.badData.thrown
    }
    let run = try only.access.read(only.id)
    guard !run.templates.isEmpty else { return (only.access, run) }
    // The run's manifests are of kinds that were named when it was made.
    let session = try Session.open(templates: run.templates, sandbox: only.access.session.isSandbox)
    return (RunAccess(session: session), run)
  }

  func read(_ id: String) throws -> Run {
    switch store.read(id, at: WallClock.now()) {
    case .success(let run): return run
    case .failure(let problem):
      try Console.require([Self.diagnostic(problem, id)])
      throw StackModel.ExitCode.badData.thrown
    }
  }

  static func diagnostic(_ problem: RunStore.Problem, _ id: String) -> Diagnostic {
    switch problem {
    case .file(let error):
      .error("run.unreadable", "the run \(id) cannot be read: \(error)")
    case .unreadable(let path):
      .error(
        "run.unreadable",
        "the record of the run \(id) cannot be understood",
        at: SourceLocation(file: path),
        hint: "it was written by a later version, or changed by hand"
      )
    }
  }

  /// Gates that nobody can decide any more: a decision is never replaced, and what is kept says nothing.
  func unreadableDecisions(of run: Run) -> [Diagnostic] {
    store.unreadableDecisions(on: run).map { task, path in
      .error(
        "gate.unreadable",
        "what was decided about the gate of \(task) cannot be understood",
        at: SourceLocation(file: path),
        hint: "remove the file and decide again"
      )
    }
  }

  /// What stops the command when the record cannot be written.
  static func unwritable(_ error: FileError) -> Diagnostic {
    .error(
      "state-home",
      "the run cannot be recorded: \(error)",
      hint: "set STACKJOB_STATE_HOME to a folder that can be written to"
    )
  }

  /// Keeps the newest hundred runs that are over.
  func tidy() {
    let now = WallClock.now()
    let yesterday = Job.makeID(at: Timestamp(milliseconds: now.milliseconds - 86_400_000))
    store.prune(keeping: 100, abandonedBefore: yesterday, at: now)
  }

  /// The right to carry a run out, or the end of the command.
  func lock(_ id: String) throws -> RunLock {
    do {
      if let lock = try store.lock(id) { return lock }
    } catch {
      try Console.require([Self.unwritable(error)])
    }
    Console.show([
      .error(
        "run.busy",
        "another process is carrying out the run \(id)",
        hint: "wait for it to end; `stackjob run show \(id)` tells how far it is"
      )
    ])
    throw StackModel.ExitCode.locked.thrown
  }
}
