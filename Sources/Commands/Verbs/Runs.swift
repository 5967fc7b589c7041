import ArgumentParser
import Deployment
import JobRunner
import Presentation
import StackModel

struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List deployments, the newest first.",
    discussion: """
      EXAMPLES
        stackjob runs
        stackjob runs --limit 100 --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(help: ArgumentHelp("How many.", valueName: "n"))
  var limit = 20

  @Flag(help: "Those of the sandbox.")
  var sandbox = false

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is a whole number from 1") }
  }

  func run() throws {
    let access = RunAccess(session: try Session.open(templates: [], sandbox: sandbox))
    var runs: [Run] = []
    for id in access.store.ids().suffix(limit).reversed() {
      switch access.store.read(id, at: WallClock.now()) {
      case .success(let run): runs.append(run)
      // One that cannot be read hides no other.
      case .failure(let problem): Console.show([RunAccess.diagnostic(problem, id)])
      }
    }
    switch output {
    case .json:
      Console.write(JSONValue.object(["runs": .array(runs.map(\.json))]).bytes(.pretty))
    case .text:
      if runs.isEmpty { Console.note("there are no runs\n") }
      for run in runs { Console.print(RunText.line(RunView.page(run, at: WallClock.now()))) }
    }
  }
}

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Show one deployment.",
    subcommands: [RunShow.self]
  )
}

struct RunShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Tell how far a deployment has come.",
    discussion: """
      EXAMPLES
        stackjob run show last
        stackjob run show 20260301T093000250Z-k3x9 --output json
        stackjob run show last --output markdown
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json, markdown }

  @Argument(help: ArgumentHelp("The run: its id, the beginning of it, or last.", valueName: "run"))
  var name: String

  @Option(name: .shortAndLong, help: "text, json or markdown.")
  var output: Form = .text

  func validate() throws { Console.tellDocument(output == .json) }

  func run() throws {
    let (access, run) = try RunAccess.find(name)
    let page = RunView.page(run, at: WallClock.now())
    Console.show(access.unreadableDecisions(of: run))
    switch output {
    case .json: Console.write(run.json.bytes(.pretty))
    case .markdown: Console.print(RunMarkdown.render(page))
    case .text: Console.print(RunPageText.text(page, environment: access.session.environment))
    }
  }
}
