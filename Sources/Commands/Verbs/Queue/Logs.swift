import ArgumentParser
import JobSources
import StackModel

struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Print the events of a job, one JSON object a line.",
    discussion: """
      EXAMPLES
        stackjob logs --queue queue/ web-42
        stackjob logs --queue queue/ web-42 --follow              until the job ends
        stackjob logs --queue queue/ web-42 --follow --from 40    from event 40 on
        stackjob logs --queue https://jobs.example.com web-42
      """
  )

  @OptionGroup var queue: QueueOptions

  @Argument(help: ArgumentHelp("The job.", valueName: "id"))
  var id: String

  @Flag(name: .shortAndLong, help: "Go on, over all attempts, until the job is over or waits for a decision.")
  var follow = false

  @Option(help: ArgumentHelp("The first event, by its number.", valueName: "n"))
  var from = 1

  @Option(help: ArgumentHelp("Which attempt. Default: the newest.", valueName: "n"))
  var attempt: Int?

  func run() async throws {
    let access = try queue.existing()
    var job = try access.job(id)
    while follow, job.attempts == 0, job.status == .queued, !Console.isClosed {
      try await Task.sleep(for: .milliseconds(200))
      job = try access.job(id)
    }
    var shown = attempt ?? job.attempts
    guard shown > 0 else { return }
    func tail(from: Int) -> EventTail<any Error> {
      EventTail(from: from) { [id, shown] offset, count in
        try access.events(of: id, attempt: shown, from: offset, atMost: count)
      }
    }
    var events = tail(from: from)
    while true {
      // Looked at first: what is written before the end is then read after it.
      job = try access.job(id)
      while case let bytes = try events.read(), !bytes.isEmpty, !Console.isClosed { Console.write(bytes) }
      if !follow || Console.isClosed { return }
      if shown < job.attempts {
        // The attempt that was asked for is over; otherwise the next one tells how the job goes on.
        guard attempt == nil else { return }
        shown += 1
        events = tail(from: 1)
        continue
      }
      let isOver =
        attempt == nil ? job.status == .completed || job.status == .awaitingApproval : job.status != .running
      if isOver { return }
      try await Task.sleep(for: .milliseconds(QueueOptions.isURL(queue.queue) ? 150 : 100))
    }
  }
}
