import Deployment
import JobRunner
import LocalFiles
import StackModel

/// Finds tasks that would deploy what is deployed.
struct EarlierDeployments {
  let store: RunStore
  let stateHome: String

  /// The run that last deployed these inputs, when nothing has changed the stack since.
  func run(of stack: StackID, inputs: String) -> String? {
    for id in store.ids().reversed() {
      guard case .success(let run) = store.read(id, at: WallClock.now()),
        let task = run.tasks.first(where: { $0.stack == stack }), !task.isUnchanged, !task.jobs.isEmpty
      else { continue }
      // The newest that began anything decides: whatever a failed one left is not known.
      guard task.result == .succeeded, task.inputs == inputs, let job = task.jobs.last else { return nil }
      return isNewestChange(job, of: stack) ? id : nil
    }
    return nil
  }

  /// Whether no later job on this machine may have changed the stack.
  private func isNewestChange(_ job: String, of stack: StackID) -> Bool {
    let folder = StackFolder(home: stateHome, stack: stack)
    guard let jobs = try? LocalFiles.list("\(folder.path)/jobs"), let index = jobs.firstIndex(of: job) else {
      return false
    }
    return jobs[(index + 1)...].allSatisfy { later in
      // A job only says in its journal what it does. One that does not say may have done anything.
      guard let text = LocalFiles.text(folder.job(later).journal),
        let first = text.split(separator: "\n").first,
        let operation = (try? JSONValue(parsing: String(first)))?["operation"]?.string
          .flatMap(Operation.init)
      else { return false }
      return !JobMachine.Flow(operation: operation).changesThings
    }
  }
}
