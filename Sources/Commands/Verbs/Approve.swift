import ArgumentParser
import Deployment
import JobRunner
import JobSources
import StackModel

struct Approve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Let a deployment pass a gate, or the plan of a queued job be carried out.",
    discussion: """
      Of a deployment: who approved, when and why is kept with the run. The deployment goes on when it is resumed; a \
      process that waits at the gate goes on by itself.

      Of a job (--queue): names the plan that was looked at by its digest; `stackjob job show` has it. A worker applies \
      that very plan or refuses.

      EXAMPLES
        stackjob approve last
        stackjob approve 20260301T093000250Z-k3x9 prod --reason "tested by Ana"
        stackjob approve last --resume
        stackjob approve --queue queue/ web-42 --digest 3f9a0c1d2e4b
        stackjob approve --queue queue/ web-42 --digest 3f9a0c1d2e4b --by ada
      """
  )

  @Argument(
    help: ArgumentHelp(
      "The run: its id, the beginning of it, or last. With --queue: the job's id.",
      valueName: "name"
    )
  )
  var name: String

  @Argument(help: ArgumentHelp("The task whose gate is open. Default: the only one.", valueName: "task"))
  var task: String?

  @Option(help: ArgumentHelp("Why, for those who read the record.", valueName: "text"))
  var reason: String?

  @Flag(help: "Go on with the deployment here and now.")
  var resume = false

  @OptionGroup var decision: DecisionOptions

  @Option(
    help: ArgumentHelp(
      "With --queue: the plan's digest, or its first 12 characters or more.",
      valueName: "digest"
    )
  )
  var digest: String?

  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try decision.validate(task: task)
    if decision.queue == nil, digest != nil {
      throw ValidationError("--digest is for jobs of a queue; add --queue, or leave it out")
    }
    if decision.queue != nil, resume {
      throw ValidationError(
        "--resume is for deployments; an approved job is carried out by a worker of its queue"
      )
    }
  }

  func run() async throws {
    if let request = decision.request(of: name) {
      guard let digest else { return try request.askForDigest() }
      return try request.carryOut(.approve(digest: digest, reason: reason))
    }
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
