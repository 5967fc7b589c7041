import ArgumentParser
import Manifests
import StackModel

struct Kinds: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kinds",
    abstract: "List what a manifest can describe.",
    discussion: """
      EXAMPLES
        stackjob kinds
        stackjob kinds --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []

  func run() throws {
    let session = try Session.open(templates: templates)
    let (kinds, problems) = session.catalog.summaries()
    Console.show(problems)
    switch output {
    case .text:
      for kind in kinds {
        Console.print("\(kind.kind)  \(kind.title)")
        Console.print("  provider   \(kind.provider)")
        Console.print("  apiVersion \(kind.apiVersions.joined(separator: ", "))")
        Console.print("  from       \(kind.directory)")
      }
    case .json:
      Console.write(
        JSONValue.array(
          kinds.map {
            [
              "kind": .string($0.kind), "title": .string($0.title), "description": .string($0.description),
              "provider": .string($0.provider), "directory": .string($0.directory),
              "apiVersions": .array($0.apiVersions.map(JSONValue.string)),
            ]
          }
        ).bytes(.pretty)
      )
    }
    if problems.hasErrors { throw StackModel.ExitCode.badData.thrown }
  }
}
