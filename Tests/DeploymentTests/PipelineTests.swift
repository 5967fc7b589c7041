import Deployment
import StackModel
import Testing
import YAMLTree

@Suite struct PipelineTests {
  private static func read(_ text: String) throws -> (pipeline: Pipeline, problems: [String]) {
    let (documents, problems) = YAMLReader.read(Array(text.utf8), file: "stackjob.yaml")
    let (pipeline, found) = PipelineFile.read(try #require(documents.first))
    return (
      pipeline,
      (problems + found).map { problem in
        "\(problem.location.map { "\($0.line):\($0.column) " } ?? "")\(problem.code) \(problem.message)"
      }
    )
  }

  private static func order(_ text: String, _ overlays: String...) throws -> [String] {
    let (pipeline, problems) = try read(text)
    #expect(problems == [])
    return TaskOrder(overlays, by: pipeline).entries.map {
      $0.after.isEmpty ? $0.name : "\($0.name)<\($0.after.joined(separator: "+"))"
    }
  }

  @Test func `without a word the order is that of the names`() {
    #expect(
      TaskOrder(["prod", "dev", "a"], by: Pipeline()).entries.map(\.name) == ["a", "dev", "prod"]
    )
  }

  @Test(arguments: [
    ("order: [dev, staging, prod]", ["dev", "staging<dev", "prod<staging"]),
    ("order: [prod, [dev, staging]]", ["prod", "dev<prod", "staging<prod"]),
    ("order: [prod]", ["prod", "dev<prod", "staging<prod"]),
    // What is not deployed this time is passed over.
    ("order: [dev, other, prod]", ["dev", "prod<dev", "staging<prod"]),
    (
      "environments: {prod: {after: [staging]}, staging: {after: [dev]}}",
      ["dev", "staging<dev", "prod<staging"]
    ),
    ("environments: {dev: {after: [prod]}}", ["prod", "dev<prod", "staging"]),
    (
      "environments: {prod: {after: [other]}, other: {after: [staging, dev]}}",
      ["dev", "staging", "prod<dev+staging"]
    ),
  ]) func `the order is what the file says`(text: String, expected: [String]) throws {
    #expect(try Self.order(text, "prod", "staging", "dev") == expected)
  }

  @Test(arguments: [
    (
      "environments: {a: {after: [b]}, b: {after: [a]}}",
      ["1:45 pipeline.cycle these wait for each other: a after b after a"]
    ),
    ("environments: {a: {after: [a]}}", ["1:28 pipeline.cycle `a` waits for itself"]),
    (
      "environments: {a: {after: [b]}, b: {after: [c]}, c: {after: [b]}}",
      ["1:62 pipeline.cycle these wait for each other: b after c after b"]
    ),
    (
      "order: [a, b]\nenvironments: {b: {after: [a]}}",
      ["2:28 pipeline.order-twice the order is given by `order` and by `after`"]
    ),
    ("order: [a, [b, a]]", ["1:16 pipeline.order-repeated `a` stands in `order` twice"]),
  ]) func `an order that is none is refused`(text: String, expected: [String]) throws {
    #expect(try Self.read(text).problems == expected)
  }

  @Test(arguments: [
    "requiresManualGates: true", "environments: {prod: {gateExpiry: 3 days}}",
    "environments: {prod: {gateExpiry: 9999999999d}}", "environments: [prod]", "engine: helm",
    "environments: {prod: {backend: {config: {}}}}", "flowControl: {skip: true}",
    "deployment_environments: []", "order: [dev, [], prod]", "environments: {prod: {backend: {type: s4}}}",
    "backend: {type: 3}", "deployment_environments: prod",
    "environments: {prod: {requiresManualGate: maybe}}",
  ]) func `what does not belong there is told with its place`(text: String) throws {
    let problems = try Self.read(text).problems
    #expect(!problems.isEmpty)
    #expect(problems.allSatisfy { $0.hasPrefix("1:") }, "\(problems)")
  }

  @Test(arguments: [
    ("environments: {prod: {gateExpiry: 1h}}", 1), ("gateExpiry: 1h\nenvironments: {prod: {}}", 1),
    ("gateExpiry: 1h\nenvironments: {prod: {requiresManualGate: true}, dev: {}}", 0),
    ("requiresManualGate: true\nenvironments: {prod: {gateExpiry: 1h}}", 0),
  ]) func `how long no gate waits is told`(text: String, count: Int) throws {
    let problems = try Self.read(text).problems
    #expect(problems.count == count)
    #expect(problems.allSatisfy { $0.contains(" pipeline.expiry-without-gate ") }, "\(problems)")
  }

  @Test func `what an environment does not say it takes from the whole`() throws {
    let (pipeline, problems) = try Self.read(
      """
      deployment_environments: [dev, prod]
      gateExpiry: 2h
      flowControl: {skipRefresh: true}
      engine: tofu
      environments:
        prod:
          requiresManualGate: true
          gateExpiry: 90s
          flowControl: {skipRefresh: false, previewBeforeUpdate: true}
          backend: {type: s3, config: {bucket: states}}
      references: {sources: [{file: a.yaml}]}
      """
    )
    #expect(problems == [])
    #expect(pipeline.deploymentEnvironments?.map(\.name) == ["dev", "prod"])
    let dev = pipeline.rules(for: "dev")
    #expect(!dev.requiresManualGate && dev.skipsRefresh && !dev.previewsFirst)
    #expect(dev.engine == .tofu && dev.gateExpirySeconds == 7200)
    let prod = pipeline.rules(for: "prod")
    #expect(prod.requiresManualGate && !prod.skipsRefresh && prod.previewsFirst)
    #expect(prod.engine == .tofu && prod.gateExpirySeconds == 90)
    #expect(prod.backend?["config"]?["bucket"]?.string == "states")
    #expect(pipeline.references?["sources"]?[0]?["file"]?.string == "a.yaml")
  }

  @Test func `a name that no overlay has is told, wherever it stands`() throws {
    let (pipeline, _) = try Self.read(
      "deployment_environments: [dve]\nenvironments: {prd: {after: [dev]}, prod: {after: [stagin]}}"
    )
    let problems = pipeline.unknownNames(overlays: ["dev", "prod", "staging"])
    #expect(problems.map(\.message) == ["`dve`", "`prd`", "`stagin`"].map { "there is no overlay \($0)" })
    #expect(problems.map(\.hint) == ["dev", "prod", "staging"].map { "did you mean `\($0)`?" })
    #expect(problems.allSatisfy { ($0.location?.line ?? 0) > 0 })
  }
}
