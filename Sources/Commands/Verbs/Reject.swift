import ArgumentParser
import Deployment
import JobSources
import StackModel

struct Reject: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject",
    abstract: "End a deployment at a gate, or a queued job that waits for a decision.",
    discussion: """
      Of a deployment the task and all later ones are skipped. Who rejected, when and why is kept with the run or the \
      job.

      EXAMPLES
        stackjob reject last --reason "the error rate went up in staging"
        stackjob reject 20260301T093000250Z-k3x9 prod --reason "not before Monday"
        stackjob reject --queue queue/ web-42 --reason "not on a Friday"
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

  @Option(
    help: ArgumentHelp("Why, for those who read the record. A deployment demands it.", valueName: "text")
  )
  var reason: String?

  @OptionGroup var decision: DecisionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try decision.validate(task: task)
    if let reason, reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty; say why") }
    if decision.queue == nil, reason == nil { throw ValidationError("--reason is missing; say why") }
  }

  func run() throws {
    if let request = decision.request(of: name) {
      return try request.carryOut(.reject(reason: reason ?? "no reason given"))
    }
    let (access, run) = try RunAccess.find(name)
    let decided = try GateVerdict(access: access, run: run, task: task, isApproved: false, reason: reason)
      .keep()
    RunReporter(decided, output: output, environment: access.session.environment).finish(decided)
  }
}
