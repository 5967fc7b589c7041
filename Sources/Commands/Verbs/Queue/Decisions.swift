import ArgumentParser
import JobSources
import LocalFiles
import StackModel

/// A decision or request about a queued job.
struct QueueRequest: ParsableArguments {
  @OptionGroup var queue: QueueOptions

  @Argument(help: ArgumentHelp("The job.", valueName: "id"))
  var id: String

  @Option(help: ArgumentHelp("Who asks for it. Default: you.", valueName: "name"))
  var by: String?

  func carryOut(_ request: JobRequest) throws {
    let directory = try queue.existing()
    let person = by ?? User.name(ProcessEnvironment.read())
    let refusal = try QueueFailure.catching { () throws(FileError) in
      try directory.request(request, of: id, by: person)
    }
    guard let refusal else { return }
    try Console.require([
      .error(
        "queue.refused",
        refusal,
        hint: "`stackjob jobs --queue \(queue.queue)` says how each job stands"
      )
    ])
  }
}

struct Cancel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "End a queued job, or ask a running one to stop.",
    discussion: """
      The engine of a running job gets one SIGINT: it finishes what is in flight and saves its state.

      EXAMPLES
        stackjob cancel --queue queue/ web-42
      """
  )
  @OptionGroup var request: QueueRequest
  func run() throws { try request.carryOut(.cancel) }
}

struct Approve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Let the plan that a job waits with be carried out.",
    discussion: """
      Names the plan that was looked at by its digest; `stackjob job show` has it. A worker applies that very plan or \
      refuses.

      EXAMPLES
        stackjob approve --queue queue/ web-42 --digest 3f9a0c1d2e4b
        stackjob approve --queue queue/ web-42 --digest 3f9a0c1d2e4b --by ada
      """
  )
  @OptionGroup var request: QueueRequest
  @Option(help: ArgumentHelp("The plan's digest, or its first 12 characters or more.", valueName: "digest"))
  var digest: String
  func run() throws { try request.carryOut(.approve(digest: digest)) }
}

struct Reject: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject",
    abstract: "End a job that waits for a decision.",
    discussion: """
      EXAMPLES
        stackjob reject --queue queue/ web-42 --reason "not on a Friday"
      """
  )
  @OptionGroup var request: QueueRequest
  @Option(help: ArgumentHelp("Why.", valueName: "text"))
  var reason = "no reason given"
  func run() throws { try request.carryOut(.reject(reason: reason)) }
}

struct Rerun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun",
    abstract: "Run a job that has ended once more.",
    discussion: """
      EXAMPLES
        stackjob rerun --queue queue/ web-42
      """
  )
  @OptionGroup var request: QueueRequest
  func run() throws { try request.carryOut(.rerun) }
}
