import ArgumentParser
import Manifests
import StackModel
import YAMLTree

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Describe a kind or one of its fields.",
    discussion: """
      EXAMPLES
        stackjob explain AwsEcsService
        stackjob explain AwsEcsService.spec.alb
        stackjob explain AwsEcsService.spec.autoscaling.targetCpuPercent
        stackjob explain AwsEcsService --output json                the kind's JSON Schema
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Argument(help: ArgumentHelp("A kind, or a kind and a path.", valueName: "kind[.path]"))
  var subject: String

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []

  func run() throws {
    let session = try Session.open(templates: templates)
    let parts = subject.split(separator: ".", maxSplits: 1).map(String.init)
    let kind: KindDefinition
    switch session.catalog.find(parts.first ?? "") {
    case .found(let definition): kind = definition
    case .broken(let problems):
      try Console.require(problems)
      return
    case .unknown(let nearest):
      try Console.require([
        .error(
          "kind.unknown",
          "there is no kind `\(parts.first ?? "")`",
          hint: nearest.map { "did you mean `\($0)`?" }
            ?? "known are \(session.catalog.kindNames().joined(separator: ", "))"
        )
      ])
      return
    }
    var path: FieldPath?
    if parts.count > 1 {
      do { path = try FieldPath(parsing: parts[1]) } catch { throw ValidationError("\(error)") }
    }
    let (explanation, problems) = Explain.explain(kind.schema, path: path)
    try Console.require(problems)
    guard let explanation else { return }
    switch output {
    case .text: Console.print(ExplanationText(kind: kind, explanation: explanation).text)
    case .json: Console.write(explanation.json(kind: kind.kind).bytes(.pretty))
    }
  }
}
