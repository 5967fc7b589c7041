import Engines
import LocalFiles
import StackModel
import Synchronization
import ToolProcess

/// What a process that died in the middle of a change has left: a lock, and operations that it began.
extension PulumiRun {
  private var takesLock: Bool {
    switch job.flow.operation {
    case .update, .destroy, .refresh: true
    case .preview, .destroyPreview, .drift, .outputs: false
    }
  }

  func recover(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    var wasInterrupted = adapter.session.lock.abandoned != nil || adapter.interruption != nil
    if takesLock, let root = adapter.state.backend.folder {
      switch await clearLocks(in: root, &outcome) {
      case .none: break
      case .cleared: wasInterrupted = true
      case .failed(let report): return report
      }
    }
    guard wasInterrupted, takesLock else { return .succeeded }
    return await lookForPendingOperations(&outcome)
  }

  // MARK: Locks

  private enum Locks {
    case none
    case cleared
    case failed(JobMachine.Report)
  }

  /// Looks before Pulumi does, which only says that there is a lock.
  private func clearLocks(in root: String, _ outcome: inout JobOutcome) async -> Locks {
    let locks = PulumiLocks(
      root: root,
      project: PulumiStackName.project(job.stack),
      stack: adapter.stack
    )
    let entries: [PulumiLocks.Entry]
    do throws(FileError) { entries = try locks.entries() } catch {
      return .failed(failed(&outcome, "The stack's locks cannot be read", error.description))
    }
    guard !entries.isEmpty else { return .none }
    for entry in entries {
      switch entry {
      case .held(let holder) where adapter.isDead(holder): continue
      case .held(let holder): return .failed(locked(&outcome, holder))
      case .unreadable(let path):
        let report = failed(
          &outcome,
          "A lock of the stack cannot be understood",
          "Look at \(path). If nobody works on the stack, remove it and try again."
        )
        outcome.exitCode = .locked
        return .failed(report)
      }
    }
    // While a dead one is there nobody else can take a lock, so none that lives is taken away.
    if case .failure(let failure) = await call(.breakLocks) {
      return .failed(failed(&outcome, failure, "The lock of a dead process cannot be taken away"))
    }
    for case .held(let holder) in entries { tellBroken(holder) }
    return .cleared
  }

  /// Of a backend that is no folder only Pulumi's words say who holds the stack.
  func breakDeadLock(_ words: String) async -> Bool {
    let holders = PulumiLocks.holders(in: words)
    guard !holders.isEmpty, holders.allSatisfy(adapter.isKnownDead),
      case .success = await call(.breakLocks)
    else { return false }
    holders.forEach(tellBroken)
    return true
  }

  private func locked(_ outcome: inout JobOutcome, _ holder: PulumiLocks.Holder) -> JobMachine.Report {
    let report = failed(
      &outcome,
      "The stack is locked",
      """
      \(holder.description) holds it. Wait for it to end and try again. A holder that has died on this machine loses its \
      lock by itself; if it ran elsewhere and is surely gone, remove \(holder.path).
      """
    )
    outcome.exitCode = .locked
    return report
  }

  private func tellBroken(_ holder: PulumiLocks.Holder) {
    journal.append(
      .diagnostic(
        EngineDiagnostic(
          severity: .warning,
          summary: "The lock of a dead process was taken away",
          detail: "It was \(holder.description)."
        )
      )
    )
  }

  // MARK: Pending operations

  private func lookForPendingOperations(_ outcome: inout JobOutcome) async -> JobMachine.Report {
    let path = adapter.folder.pulumiExport(job.id)
    if case .failure(let failure) = await call(.exportState(file: path)) {
      return failed(&outcome, failure, "The state cannot be looked at")
    }
    guard let state = LocalFiles.text(path).flatMap({ try? JSONValue(parsing: $0) }) else {
      return failed(&outcome, "The state cannot be looked at", "\(path) is no JSON document.")
    }
    let pending = PulumiPendingOperation.all(in: state)
    guard !pending.isEmpty else {
      try? LocalFiles.remove(path)
      adapter.forgetInterruption()
      return .succeeded
    }
    self.state.withLock { $0.hasPendingCreates = pending.contains { $0.type == "creating" } }
    let list = pending.map { "\($0.urn) (\($0.type))" }.joined(separator: "\n")
    journal.append(
      .diagnostic(
        EngineDiagnostic(
          severity: .warning,
          summary: "A process has died in the middle of \(pending.count) operations",
          detail: """
            What it began may exist without the state knowing; check these by hand if this job does not find them:
            \(list)
            The state as it was is in \(path).
            """
        )
      )
    )
    return .succeeded
  }

  /// Once an update has gone over what was pending, the entries stand for nothing more, and would pile up.
  func forgetPendingCreates() async {
    guard job.flow.operation == .update, state.withLock({ $0.hasPendingCreates }) else { return }
    let refresh = PulumiCommand.refresh(change, clearsPendingCreates: true)
    let result = await run(refresh, planned: .dropped, isGuarded: true)
    guard result.exit != .succeeded else { return }
    journal.append(
      .diagnostic(
        EngineDiagnostic(
          severity: .warning,
          summary: "What was pending is still in the state",
          detail: "The update went well, and the refresh after it did not; run `stackjob refresh`."
        )
      )
    )
  }
}

extension PulumiAdapter {
  /// A process of ours that died, or was killed, in the middle of a change.
  var interruption: ProcessIdentity? {
    LocalFiles.text(folder.pulumiInterruption).flatMap { try? JSONValue(parsing: $0) }
      .flatMap { ProcessIdentity(json: $0) }
  }

  func rememberInterruption(of engine: ProcessIdentity) {
    try? LocalFiles.replace(folder.pulumiInterruption, with: engine.json.bytes(.pretty))
  }

  func forgetInterruption() { try? LocalFiles.remove(folder.pulumiInterruption) }

  /// Whether a lock's holder is one of ours that provably runs no more.
  func isKnownDead(_ holder: PulumiLocks.Holder) -> Bool {
    guard holder.host == ProcessIdentity.hostName else { return false }
    let known = [session.lock.abandoned?.engine, interruption].compactMap(\.self)
    return known.contains { $0.pid == holder.pid && !$0.mayBeAlive }
  }

  /// The same, or a process of this machine that is not there.
  func isDead(_ holder: PulumiLocks.Holder) -> Bool {
    isKnownDead(holder)
      || holder.host == ProcessIdentity.hostName && ProcessIdentity.isGone(pid: holder.pid)
  }
}

extension StackFolder {
  var pulumiInterruption: String { "\(path)/pulumi-interrupted.json" }

  /// The state before a job goes over what was pending in it.
  func pulumiExport(_ job: String) -> String { "\(path)/pulumi-before-\(job).json" }
}
