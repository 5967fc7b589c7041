import ArgumentParser
import Deployment
import StackModel

struct Reject: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject",
    abstract: "End a deployment at a gate.",
    discussion: """
      The task and all later ones are skipped. Who rejected, when and why is kept with the run.

      EXAMPLES
        stackjob reject last --reason "the error rate went up in staging"
        stackjob reject 20260301T093000250Z-k3x9 prod --reason "not before Monday"
      """
  )

  @Argument(help: ArgumentHelp("The run: its id, the beginning of it, or last.", valueName: "run"))
  var name: String

  @Argument(help: ArgumentHelp("The task whose gate is open. Default: the only one.", valueName: "task"))
  var task: String?

  @Option(help: ArgumentHelp("Why, for those who read the record.", valueName: "text"))
  var reason: String

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty; say why") }
  }

  func run() throws {
    let (access, run) = try RunAccess.find(name)
    let decided = try GateVerdict(access: access, run: run, task: task, isApproved: false, reason: reason)
      .keep()
    RunReporter(decided, output: output, environment: access.session.environment).finish(decided)
  }
}
