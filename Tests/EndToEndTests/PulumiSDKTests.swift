import LocalFiles
import StackModel
import Testing
import ToolProcess

/// Programs for Pulumi held against the official SDKs themselves, which `scripts/bootstrap --test` fetches.
@Suite(.needsPulumiSDKs, .timeLimit(.minutes(20))) struct PulumiSDKTests {
  private static let programs = "\(Project.root)/Tests/Fixtures/pulumi"

  @Test func `the facts of the SDKs are what the SDKs say`() async throws {
    try await Product.run { stackjob in
      let script = "\(Project.root)/scripts/pulumi_facts.py"
      let result = try await stackjob.run([script, "--check"], executable: PulumiSDKs.python)
      #expect(result.stderr == "" && result.exit == .code(0), "\(result.stdout)")
    }
  }

  @Test func `the SDKs' own classes carry out the program of every example`() async throws {
    let paths = try ["AwsEcsService", "MicroserviceKubernetes"].flatMap { kind in
      try LocalFiles.list("\(Self.programs)/\(kind)").sorted().map {
        "\(Self.programs)/\(kind)/\($0)/Main.json"
      }
    }
    #expect(paths.count >= 20)
    try await Product.run { stackjob in
      let result = try await PulumiSDKs.carryOut(paths, stackjob)
      #expect(result.stdout.hasPrefix("\(paths.count) programs, "), "\(result.stdout)")
      #expect(result.stderr == "" && result.exit == .code(0))
    }
  }

  @Test func `the SDKs' own classes refuse what is wrong`() async throws {
    try await Product.run { stackjob in
      var paths: [String] = []
      for (number, mistake) in Self.mistakes.enumerated() {
        let program = try JSONValue(parsing: LocalFiles.read("\(Self.programs)/\(mistake.program)/Main.json"))
        paths.append(
          try stackjob.file(
            "\(number)/Main.json",
            program.replacing(mistake.place[...], with: mistake.value).text()
          )
        )
      }
      let result = try await PulumiSDKs.carryOut(paths, stackjob)
      #expect(result.stderr == "" && result.exit == .code(1))
      let lines = result.stdout.split(separator: "\n")
      for (path, mistake) in zip(paths, Self.mistakes) {
        #expect(
          lines.contains { $0.hasPrefix("\(path): ") && $0.contains(mistake.problem) },
          "\(mistake.problem) is not in \(lines.filter { $0.hasPrefix("\(path): ") })"
        )
      }
    }
  }

  private struct Mistake: Sendable {
    var program: String
    var place: [JSONValue]
    var value: JSONValue
    var problem: String

    init(_ program: String, _ place: [JSONValue], _ value: JSONValue, _ problem: String) {
      self.program = program
      self.place = place
      self.value = value
      self.problem = problem
    }
  }

  private static let kubernetes = "MicroserviceKubernetes/minimal"
  private static let ecs = "AwsEcsService/fargate-alb"
  private static let deployment: [JSONValue] = ["resources", "deployment"]
  private static let spec: [JSONValue] = deployment + ["properties", "spec"]
  private static let service: [JSONValue] = ["resources", "service"]

  private static let mistakes = [
    Mistake(kubernetes, deployment + ["type"], "kubernetes:apps/v1:Deploymant", "there is no type"),
    Mistake(kubernetes, spec + ["replica"], 1, "unexpected keyword argument 'replica'"),
    Mistake(kubernetes, spec + ["template", "spec", "node_selector"], [:], "unexpected keyword argument"),
    Mistake(kubernetes, spec + ["replicas"], "1", "deployment.spec.replicas: \"1\" is no int"),
    Mistake(kubernetes, spec + ["paused"], "yes", "\"yes\" is no bool"),
    Mistake(kubernetes, spec + ["selector"], ["matchLabels": ["a": 1]], "1 is no str"),
    Mistake(kubernetes, spec, ["replicas": 1], "missing 2 required keyword-only arguments"),
    Mistake(kubernetes, spec + ["template", "spec", "containers"], [[:]], "missing 1 required"),
    Mistake(kubernetes, deployment + ["option"], [:], "is no key of a resource"),
    Mistake(kubernetes, deployment + ["options", "protekt"], true, "unexpected keyword argument 'protekt'"),
    Mistake(
      kubernetes,
      deployment + ["options", "customTimeouts"],
      ["made": "1m"],
      "unexpected keyword argument"
    ),
    Mistake(kubernetes, deployment + ["options", "dependsOn"], ["${nowhere}"], "refers to nowhere"),
    Mistake(
      kubernetes,
      deployment + ["options", "ignoreChanges"],
      ["spek.replicas"],
      "has no spek.replicas"
    ),
    Mistake(kubernetes, ["outputs", "a"], "${deployment.nothing}", "has no nothing"),
    Mistake(kubernetes, ["outputs", "a"], "${deployment.metadata.nothing}", "leads to nothing"),
    Mistake(kubernetes, ["outputs", "a"], "costs $5", "has a lone $"),
    Mistake(kubernetes, ["outputs", "a"], ["fn::readFile": "/etc/passwd"], "calls fn::readFile"),
    Mistake(
      kubernetes,
      ["resources", "namespace", "properties", "metadata", "name"],
      "${deployment.metadata.name}",
      "is a cycle"
    ),
    Mistake(ecs, service + ["properties", "capacityProviderStrategys"], [], "unexpected keyword argument"),
    Mistake(ecs, service + ["properties", "desiredCount"], .number("1.5"), "1.5 is no int"),
    Mistake(
      ecs,
      service + ["properties", "deploymentCircuitBreaker"],
      ["enable": true],
      "missing 1 required"
    ),
    Mistake(ecs, ["resources", "task-definition", "properties", "cpu"], 256, "256 is no str"),
    Mistake(
      ecs,
      ["variables", "partition", "fn::invoke", "function"],
      "aws:index/getPartitions:getPartitions",
      "there is no function"
    ),
    Mistake(
      ecs,
      ["variables", "partition", "fn::invoke", "arguments", "partition"],
      "aws",
      "unexpected keyword argument"
    ),
    Mistake(ecs, ["outputs", "a"], "${region.id}", "refers to region"),
  ]
}

/// What runs the SDKs.
enum PulumiSDKs {
  static let python = "\(Project.root)/.venv/bin/python"
  static let areThere = LocalFiles.isFile("\(Project.root)/.tools/pulumi/requirements.sha256")

  static func carryOut(_ programs: [String], _ stackjob: Product) async throws -> Product.Result {
    try await stackjob.run(["-I", "\(Project.root)/scripts/pulumi_mocks.py"] + programs, executable: python)
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test by name where Pulumi's SDKs are not there, but never in CI: there it runs and fails.
  static var needsPulumiSDKs: Self {
    .enabled(if: PulumiSDKs.areThere || Project.isCI, "needs Pulumi's SDKs; run scripts/bootstrap --test")
  }
}
