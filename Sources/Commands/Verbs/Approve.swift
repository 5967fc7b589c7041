import ArgumentParser
import Deployment
import JobRunner
import StackModel

struct Approve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Let a deployment pass a gate.",
    discussion: """
      Who approved, when and why is kept with the run. The deployment goes on when it is resumed; a process that \
      waits at the gate goes on by itself.

      EXAMPLES
        stackjob approve last
        stackjob approve 20260301T093000250Z-k3x9 prod --reason "tested by Ana"
        stackjob approve last --resume
      """
  )

  @Argument(help: ArgumentHelp("The run: its id, the beginning of it, or last.", valueName: "run"))
  var name: String

  @Argument(help: ArgumentHelp("The task whose gate is open. Default: the only one.", valueName: "task"))
  var task: String?

  @Option(help: ArgumentHelp("Why, for those who read the record.", valueName: "text"))
  var reason: String?

  @Flag(help: "Go on with the deployment here and now.")
  var resume = false

  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let (access, run) = try RunAccess.find(name)
    let decided = try GateVerdict(access: access, run: run, task: task, isApproved: true, reason: reason)
      .keep()
    if resume {
      try await RunLaunch(access: access, engine: engine, output: output, interrupts: InterruptController())
        .resume(decided)
    } else {
      RunReporter(decided, output: output, environment: access.session.environment).finish(decided)
    }
  }
}
