import ArgumentParser
import Deployment
import Manifests
import StackModel

/// `kustomize init` and `kustomize schema`.
struct KustomizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kustomize",
    abstract: "Start a service's repository, or write what kustomize has to know of our kinds.",
    discussion: """
      EXAMPLES
        stackjob kustomize init --new
        stackjob kustomize schema > _kustomize/base/openapi.json
      """,
    subcommands: [KustomizeInit.self, KustomizeSchema.self]
  )
}

struct KustomizeSchema: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the openapi schema by which kustomize merges lists of ports and variables.",
    discussion: """
      Without it kustomize puts an overlay's list in the place of the base's. Name the file in the base:

        openapi:
          path: openapi.json

      EXAMPLES
        stackjob kustomize schema > _kustomize/base/openapi.json
        stackjob kustomize schema AwsEcsService
      """
  )

  @Argument(help: ArgumentHelp("Kinds; all of them when none is named.", valueName: "kind"))
  var kinds: [String] = []

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []

  func run() throws {
    let session = try Session.open(templates: templates)
    let names = kinds.isEmpty ? session.catalog.kindNames() : kinds
    let document = try Self.document(names, session: session)
    Console.write(document.bytes(.pretty))
  }

  static func document(_ names: [String], session: Session) throws -> JSONValue {
    var found: [KindDefinition] = []
    for name in names {
      switch session.catalog.find(name) {
      case .found(let kind): found.append(kind)
      case .broken(let problems): try Console.require(problems)
      case .unknown(let nearest):
        let known = session.catalog.kindNames().joined(separator: ", ")
        throw ValidationError(
          "there is no kind `\(name)`; "
            + (nearest.map { "did you mean `\($0)`?" } ?? "the kinds are \(known)")
        )
      }
    }
    return try Console.get(MergeSchema.document(found))
  }
}
