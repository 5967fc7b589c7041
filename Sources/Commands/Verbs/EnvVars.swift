import ArgumentParser
import Deployment
import Presentation
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

struct EnvVars: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "env-vars",
    abstract: "List the variables of an overlay, where each is from and whether it has a value.",
    discussion: """
      Values of secrets are not shown. Nothing is written.

      EXAMPLES
        stackjob env-vars
        stackjob env-vars --env prod --references references/groups.yaml
        stackjob env-vars --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @OptionGroup var options: LocalEnvironmentOptions

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func run() async throws {
    let session = try Session.open(templates: options.templates)
    let stops = ChildStops()
    SignalWatch.start { _ in stops.stop() }
    let loading = try await LocalEnvironmentLoading.load(options, session: session, stops: stops)
    Console.show(loading.problems)
    switch output {
    case .text:
      let terminal = Terminal.detect(descriptor: STDOUT_FILENO, environment: session.environment)
      let rows = loading.entries.map { [$0.name, $0.shownValue, $0.source, $0.status] }
      for line in Columns.lines([["NAME", "VALUE", "SOURCE", "STATUS"]] + rows, style: terminal.style) {
        Console.print(line)
      }
    case .json: Console.write(JSONValue.array(loading.entries.map(Self.json)).bytes(.pretty))
    }
    if loading.problems.hasErrors { throw StackModel.ExitCode.badData.thrown }
  }

  private static func json(_ entry: EnvironmentEntry) -> JSONValue {
    [
      "name": .string(entry.name), "secret": .bool(entry.isSecret),
      "value": entry.isMissing ? .null : .string(entry.shownValue), "source": .string(entry.source),
      "status": .string(entry.isMissing ? "missing" : "resolved"),
      "reason": entry.isMissing ? .string(entry.status) : .null,
    ]
  }
}
