import Deployment
import JobRunner
import JobSources
import LocalFiles
import StackModel

/// Finds tasks that would deploy what is deployed.
struct EarlierDeployments {
  let store: RunStore
  let stateHome: String
  /// Who runs the jobs, if that is not this program.
  let queue: QueueDirectory?

  /// The run that last deployed these inputs, when nothing has changed the stack since.
  func run(of stack: StackID, inputs: String) -> String? {
    for id in store.ids().reversed() {
      guard case .success(let run) = store.read(id, at: WallClock.now()),
        let task = run.tasks.first(where: { $0.stack == stack }), !task.isUnchanged, !task.jobs.isEmpty
      else { continue }
      // The newest that began anything decides: whatever a failed one left is not known.
      guard task.result == .succeeded, task.inputs == inputs, let job = task.jobs.last,
        run.queue == queue?.layout.root
      else { return nil }
      let isNewest = queue.map { isNewestChange(job, of: stack, in: $0) } ?? isNewestChange(job, of: stack)
      return isNewest ? id : nil
    }
    return nil
  }

  /// Whether no later job of the queue may have changed the stack.
  private func isNewestChange(_ job: String, of stack: StackID, in queue: QueueDirectory) -> Bool {
    guard let jobs = try? queue.jobs(), let own = jobs.first(where: { $0.id == job }) else { return false }
    return jobs.allSatisfy { other in
      guard other.stackKey == own.stackKey, other.submitted > own.submitted else { return true }
      guard let operation = StackJob.operation(named: other.operation) else { return other.attempts == 0 }
      return other.attempts == 0 || !JobMachine.Flow(operation: operation).changesThings
    }
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
