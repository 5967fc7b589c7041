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
    let directory = try queue.existing()
    let jobs = try QueueFailure.catching { () throws(FileError) in try directory.jobs() }
      .filter { status == nil || $0.status == status }
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
    subcommands: [JobShow.self]
  )
}

struct JobShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Say what is known of a job, as JSON.",
    discussion: """
      EXAMPLES
        stackjob job show --queue queue/ web-42
      """
  )

  @OptionGroup var queue: QueueOptions

  @Argument(help: ArgumentHelp("The job.", valueName: "id"))
  var id: String

  @Option(name: .shortAndLong, help: "json.")
  var output: Form = .json

  enum Form: String, CaseIterable, ExpressibleByArgument { case json }

  func run() throws {
    let directory = try queue.existing()
    guard let job = try QueueFailure.catching({ () throws(FileError) in try directory.job(id) }) else {
      return try Console.require([.noJob(id)])
    }
    guard case .object(var object) = job.json else { return }
    let folder = directory.layout.job(id)
    object["folder"] = .string(folder.path)
    let last = folder.attempt(job.attempts)
    let files = [
      ("events", last.events), ("markdown", last.markdown), ("outputs", last.outputs),
      ("messages", last.messages), ("plan", folder.plan), ("decision", folder.decision),
    ]
    object["files"] = .object(
      JSONObject(files.filter { LocalFiles.exists($0.1) }.map { ($0.0, .string($0.1)) })
    )
    Console.write(JSONValue.object(object).bytes(.pretty))
  }
}

extension Diagnostic {
  static func noJob(_ id: String) -> Diagnostic {
    .error("queue.unknown-job", "there is no job `\(id)`", hint: "`stackjob jobs --queue FOLDER` lists them")
  }
}
