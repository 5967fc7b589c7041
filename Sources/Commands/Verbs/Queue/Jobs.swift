import ArgumentParser
import JobSources
import LocalFiles
import StackModel

struct Jobs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs",
    abstract: "List the jobs of a queue.",
    discussion: """
      EXAMPLES
        stackjob jobs --queue queue/
        stackjob jobs --queue queue/ --status awaiting_approval
        stackjob jobs --queue queue/ --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @OptionGroup var queue: QueueOptions

  @Option(help: "Only jobs that are queued, running, awaiting_approval or completed.")
  var status: QueuedJob.Status?

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func run() throws {
    let jobs = try queue.existing().jobs(status)
    if output == .json {
      Console.write(JSONValue.array(jobs.map(\.json)).bytes(.pretty))
      return
    }
    let rows =
      [["ID", "STACK", "OPERATION", "STATUS", "RESULT", "ATTEMPTS"]]
      + jobs.map { job in
        [
          job.id, job.stack ?? "-", job.operation.isEmpty ? "-" : job.operation, job.status.rawValue,
          job.result?.rawValue ?? "-", String(job.attempts),
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      Console.print(String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()))
    }
  }
}

extension QueuedJob.Status: ExpressibleByArgument {}

struct JobGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Look at one job of a queue.",
    subcommands: [JobShow.self, JobFile.self]
  )
}

struct JobShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Say what is known of a job, as JSON.",
    discussion: """
      EXAMPLES
        stackjob job show --queue queue/ web-42
        stackjob job show --queue https://jobs.example.com web-42
      """
  )

  @OptionGroup var queue: QueueOptions

  @Argument(help: ArgumentHelp("The job.", valueName: "id"))
  var id: String

  @Option(name: .shortAndLong, help: "json.")
  var output: Form = .json

  enum Form: String, CaseIterable, ExpressibleByArgument { case json }

  func run() throws {
    let (job, more) = try queue.existing().view(id)
    guard case .object(var object) = job.json else { return }
    for (key, value) in more { object[key] = value }
    Console.write(JSONValue.object(object).bytes(.pretty))
  }
}

struct JobFile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "file",
    abstract: "Print a file of a job: its plan, its result or its outputs.",
    discussion: """
      EXAMPLES
        stackjob job file --queue queue/ web-42 plan/plan.md
        stackjob job file --queue https://jobs.example.com web-42 attempts/1/result.md
      """
  )

  @OptionGroup var queue: QueueOptions

  @Argument(help: ArgumentHelp("The job.", valueName: "id"))
  var id: String

  @Argument(help: ArgumentHelp("The file, by its name below the job's folder.", valueName: "file"))
  var name: String

  func run() throws { try queue.existing().show(name, of: id) }
}

extension Diagnostic {
  static func noJob(_ id: String) -> Diagnostic {
    .error("queue.unknown-job", "there is no job `\(id)`", hint: "`stackjob jobs` lists them")
  }
}
