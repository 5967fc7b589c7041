import ManifestCorpus
import StackModel
import Testing
import Translation

/// The check itself: a mistake in a program is found, whichever it is.
struct CheckerTests {
  private struct Mistake {
    var kind: String
    var form: String
    var path: [String]
    var value: JSONValue?
    var problem: String
  }

  private static let spec = ["resources", "deployment", "properties", "spec"]
  private static let mistakes = [
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["resources", "deployment", "type"],
      value: "kubernetes:apps/v1:Deploymant",
      problem: "has the unknown type"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["replica"],
      value: 1,
      problem: "is no property"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["replicas"],
      value: "1",
      problem: "not integer"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["replicas"],
      value: "${deployment.id}",
      problem: "is string by"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["selector"],
      value: nil,
      problem: "is required"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["paused"],
      value: "yes",
      problem: "not boolean"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["template", "spec", "containers"],
      value: ["name": "app"],
      problem: "not [#"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["template", "spec", "node_selector"],
      value: [:],
      problem: "is no property"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: spec + ["template", "metadata", "labels"],
      value: ["a": 1],
      problem: "not string"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["resources", "deployment", "option"],
      value: [:],
      problem: "is no key of a resource"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["resources", "deployment", "options", "protekt"],
      value: true,
      problem: "is no option"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["outputs", "namespace"],
      value: "${nowhere.id}",
      problem: "which is not there"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["outputs", "namespace"],
      value: "${deployment.nothing}",
      problem: "no output"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["outputs", "namespace"],
      value: "costs $5",
      problem: "has a lone `$`"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["outputs", "namespace"],
      value: "${deployment",
      problem: "has an open `${`"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["outputs", "namespace"],
      value: ["fn::readFile": "/etc/passwd"],
      problem: "calls `fn::readFile`"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["config", "kubeconfig", "type"],
      value: "integer",
      problem: "is not declared as a string"
    ),
    Mistake(
      kind: "MicroserviceKubernetes",
      form: "minimal",
      path: ["resources", "namespace", "properties", "metadata", "name"],
      value: "${deployment.metadata.name}",
      problem: "is a cycle"
    ),
    Mistake(
      kind: "AwsEcsService",
      form: "fargate-alb",
      path: ["resources", "task-definition", "properties", "family"],
      value: nil,
      problem: "is required"
    ),
    Mistake(
      kind: "AwsEcsService",
      form: "fargate-alb",
      path: ["resources", "task-definition", "properties", "cpu"],
      value: 256,
      problem: "not string"
    ),
    Mistake(
      kind: "AwsEcsService",
      form: "fargate-alb",
      path: ["resources", "service", "properties", "deploymentCircuitBreaker", "rollback"],
      value: nil,
      problem: "is required"
    ),
    Mistake(
      kind: "AwsEcsService",
      form: "fargate-alb",
      path: ["variables", "partition", "fn::invoke", "function"],
      value: "aws:index/getPartitions:getPartitions",
      problem: "calls an unknown"
    ),
    Mistake(
      kind: "AwsEcsService",
      form: "gateway",
      path: ["resources", "service", "properties", "desiredCount"],
      value: .number("1.5"),
      problem: "not integer"
    ),
  ]

  private func changed(_ value: JSONValue?, _ path: ArraySlice<String>, _ new: JSONValue?) -> JSONValue? {
    guard let key = path.first else { return new }
    var object = value?.object ?? JSONObject()
    object[key] = changed(object[key], path.dropFirst(), new)
    return .object(object)
  }

  @Test(arguments: mistakes.indices)
  func `a seeded mistake is found`(index: Int) throws {
    let mistake = Self.mistakes[index]
    let corpus = try Corpus(mistake.kind)
    let form = try #require(corpus.written.first { $0.name == mistake.form })
    let program = try corpus.program(form.values).program
    let checker = ProgramChecker(facts: Corpus.facts)
    #expect(checker.problems(in: program) == [])
    let wrong = try #require(changed(program, mistake.path[...], mistake.value))
    let problems = checker.problems(in: wrong)
    #expect(problems.contains { $0.contains(mistake.problem) }, "\(mistake.path): \(problems)")
  }
}
