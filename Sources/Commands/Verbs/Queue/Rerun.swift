import ArgumentParser
import JobSources

struct Rerun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun",
    abstract: "Run a job that has ended once more.",
    discussion: """
      EXAMPLES
        stackjob rerun --queue queue/ web-42
      """
  )
  @OptionGroup var options: QueueRequestOptions
  func run() throws { try options.request.carryOut(.rerun) }
}
