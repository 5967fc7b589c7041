package import StackModel

/// Where a stack's things stand below the state home. The layout is described in `docs/state.md`.
package struct StackFolder: Sendable, Hashable {
  package let stack: StackID
  package let path: String

  /// - Parameter home: the state home, for example `~/.local/state/stackjob`.
  package init(home: String, stack: StackID) {
    self.stack = stack
    path = "\(home)/stacks/\(stack)"
  }

  /// Who holds the stack.
  package var lock: String { "\(path)/lock.json" }
  /// Held for the moment of looking at the lock and taking it.
  var lockGuard: String { "\(path)/lock.guard" }
  /// The state's versions.
  package var states: String { "\(path)/state" }
  /// Which provider versions the stack was last run with.
  package var dependencyLock: String { "\(path)/terraform.lock.hcl" }

  /// What the stack was last changed on.
  var target: String { "\(path)/target.json" }

  /// Which engine it was last changed by.
  var engine: String { "\(path)/engine.json" }

  package func job(_ id: String) -> JobFolder { JobFolder(path: "\(path)/jobs/\(id)") }
}

/// What one job leaves behind.
package struct JobFolder: Sendable, Hashable {
  package let path: String

  package var journal: String { "\(path)/events.ndjson" }
  /// Where the engine runs; removed after a clean end.
  package var workspace: String { "\(path)/workspace" }
}
