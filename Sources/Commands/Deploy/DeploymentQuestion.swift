import Deployment
import StackModel
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Asks before a deployment begins.
enum DeploymentQuestion {
  static func ask(_ run: Run, stop: StopSwitch) async throws {
    let names = run.tasks.filter { !$0.isDone }.map { task in
      task.rules.requiresManualGate ? "\(task.name) (behind a gate)" : task.name
    }
    guard isatty(STDIN_FILENO) == 1 else {
      Console.note(
        "nothing is deployed: there is no terminal to ask at; --auto-approve deploys without asking\n"
      )
      throw StackModel.ExitCode.failed.thrown
    }
    tcflush(STDIN_FILENO, TCIFLUSH)
    Console.ask("Deploy \(names.joined(separator: ", "))? Only `yes` is taken: ")
    let answer = await Approval.readLine(stop: stop)
    if answer == "yes" { return }
    Console.note("nothing is deployed\n")
    throw (answer == nil ? StackModel.ExitCode.cancelled : .failed).thrown
  }
}
