import Engines
import LocalFiles
import StackModel
import ToolProcess

/// What a job does about the stack's state: serve it, look that it is whole, take in what dead jobs left.
extension TerraformAdapter {
  static let backendUser = "stackjob"

  func startStateServer() async throws -> StateServer? {
    guard case .managed = job.backend else { return nil }
    return try await StateServer.start(
      store: StateStore(folder),
      user: Self.backendUser,
      report: { [journal] in journal.append($0) }
    )
  }

  /// Takes in the states that dead jobs left behind, before anything is planned on an older one.
  func recoverAbandonedState(into outcome: inout JobOutcome) -> Bool {
    if let dead = session.lock.abandoned {
      journal.append(
        .diagnostic(
          EngineDiagnostic(
            severity: .warning,
            summary: "Job \(dead.job) died while it held the stack",
            detail: "Its lock was taken over: process \(dead.process.pid) and its engine are gone."
          )
        )
      )
    }
    for path in JobHistory(folder).erroredStates() {
      guard adopt(path, into: &outcome) else { return false }
    }
    JobHistory(folder).sweepWorkspaces()
    return true
  }

  /// Looks before the engine does, which would only say that its backend failed.
  func isStateWhole(_ outcome: inout JobOutcome) -> Bool {
    guard case .managed = job.backend else { return true }
    do throws(FileError) {
      if try StateStore(folder).newest() == nil, [.drift, .refresh].contains(job.flow.operation) {
        session.fail(&outcome, "The stack has no state", "There is nothing to compare: apply it first.")
        outcome.exitCode = .badData
        return false
      }
      guard let fault = try StateStore(folder).fault() else { return true }
      session.fail(&outcome, fault.summary, fault.detail)
    } catch {
      session.fail(&outcome, "The state of the stack cannot be read", "\(error)")
    }
    return false
  }

  /// After a run: a state that our server could not take (a full disk, say) gets a second chance.
  func adoptErroredState(into outcome: inout JobOutcome) {
    if LocalFiles.isFile(workspace.erroredState) { _ = adopt(workspace.erroredState, into: &outcome) }
  }

  func adopt(_ path: String, into outcome: inout JobOutcome) -> Bool {
    guard case .managed = job.backend else {
      session.fail(
        &outcome,
        "A state could not be saved to the stack's backend",
        "The newest state is in \(path). Push it with `terraform state push` and remove the file."
      )
      return false
    }
    do throws(FileError) {
      let bytes = try LocalFiles.read(path)
      switch StateRecovery.decide(candidate: bytes, newest: try StateStore(folder).newest()) {
      case .adopt:
        let saved = try StateStore(folder).add(bytes)
        journal.append(
          .stateSaved(StateSaved(serial: saved.serial, lineage: saved.lineage, path: saved.version.path))
        )
        try LocalFiles.remove(path)
        return true
      case .outdated:
        try LocalFiles.remove(path)
        return true
      case .foreign(let reason):
        session.fail(
          &outcome,
          "A state was left behind that does not fit the stack",
          "\(path): \(reason). Look at it, then move it away."
        )
        return false
      }
    } catch {
      session.fail(&outcome, "A state that was left behind cannot be taken in", "\(error)")
      return false
    }
  }

  /// The provider versions this run used are the ones the next run starts from.
  func keepDependencyLock() {
    // The sandbox is of one build of ours; the next one has another checksum.
    guard job.target?.isSandbox != true, let used = try? LocalFiles.read(workspace.dependencyLock),
      used != (try? LocalFiles.read(folder.dependencyLock))
    else { return }
    try? LocalFiles.replace(folder.dependencyLock, with: used)
  }
}
