import ArgumentParser
import Deployment
import Manifests
import StackModel
import YAMLTree

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Describe a kind, the pipeline file, or one of their fields.",
    discussion: """
      EXAMPLES
        stackjob explain AwsEcsService
        stackjob explain AwsEcsService.spec.alb
        stackjob explain AwsEcsService.spec.autoscaling.targetCpuPercent
        stackjob explain AwsEcsService --output json                the kind's JSON Schema
        stackjob explain stackjob.yaml                              the file that says how to deploy
        stackjob explain stackjob.yaml.environments
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
    if subject == Pipeline.fileName || subject.hasPrefix("\(Pipeline.fileName).") {
      return try explainPipeline(String(subject.dropFirst(Pipeline.fileName.count + 1)))
    }
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
    let path = try parts.count > 1 ? fieldPath(parts[1]) : nil
    let (explanation, problems) = Explain.explain(kind.schema, path: path)
    try Console.require(problems)
    guard let explanation else { return }
    switch output {
    case .text: Console.print(ExplanationText(kind: kind, explanation: explanation).text)
    case .json: Console.write(explanation.json(kind: kind.kind).bytes(.pretty))
    }
  }

  private func fieldPath(_ text: String) throws -> FieldPath {
    do { return try FieldPath(parsing: text) } catch { throw ValidationError("\(error)") }
  }

  private func explainPipeline(_ field: String) throws {
    guard let schema = PipelineSchema.compiled else { return }
    if output == .json, field.isEmpty {
      Console.write(PipelineSchema.document.bytes(.pretty))
      return
    }
    let (explanation, problems) = Explain.explain(schema, path: field.isEmpty ? nil : try fieldPath(field))
    try Console.require(problems)
    guard let explanation else { return }
    switch output {
    case .text:
      let page = ExplanationText(
        file: Pipeline.fileName,
        description: PipelineSchema.document["description"]?.string ?? "",
        explanation: explanation
      )
      Console.print(page.text)
    case .json: Console.write(explanation.json(kind: Pipeline.fileName).bytes(.pretty))
    }
  }
}
