import ArgumentParser
import JobSources

/// Which job somebody asks something of.
struct QueueRequestOptions: ParsableArguments {
  @OptionGroup var queue: QueueOptions

  @Argument(help: ArgumentHelp("The job.", valueName: "id"))
  var id: String

  @Option(help: ArgumentHelp("Who asks for it. Default: you.", valueName: "name"))
  var by: String?

  var request: QueueRequest { QueueRequest(queue: queue.queue, endpoint: queue.endpoint, id: id, person: by) }
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
  @OptionGroup var options: QueueRequestOptions
  func run() throws { try options.request.carryOut(.cancel) }
}
