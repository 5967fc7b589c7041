import Engines
import LocalFiles
import StackModel
import Testing

/// The sandbox held against the provider it plays: each manifest of an ECS service planned by both, and
/// the plans compared place by place. What differs stands in `docs/sandbox.md`, and nothing stands there
/// that does not differ.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct SandboxAgainstProviderTests {
  private static let folders = [
    "templates/AwsEcsService/examples", "Tests/Fixtures/AwsEcsService/good", "examples/ecs-web",
  ]
  /// These are applied too: the smallest, one with a load balancer of its own, one with a capacity provider.
  private static let applied = ["minimal", "ec2-capacity-provider", "fargate-alb"]
  /// Answers about things that exist already. They go on into plans, where the real one stands for the
  /// sandbox's own and is no further difference.
  private static let carried = ["values.arn", "values.dns_name", "values.security_groups.0", "values.vpc_id"]

  @Test func `every manifest is planned in the sandbox as the provider plans it`() async throws {
    var known = KnownDifferences(
      markdown: LocalFiles.text("\(Project.root)/docs/sandbox.md") ?? "",
      under: "**aws "
    )
    try #require(!known.patterns.isEmpty)
    var pairs: [Pair] = []
    try await LocalAWS.run { aws in
      try await Product.run(environment: ["SESSION_KEY": "a-session-key"]) { stackjob in
        let manifests = try Self.manifests().map {
          ($0.name, try stackjob.file("\($0.name).yaml", try Manifests.placed($0.text, in: aws)))
        }
        let planners = try await Self.planners(stackjob, aws, first: try #require(manifests.first).1)
        pairs = try await withThrowingTaskGroup(of: Pair.self) { group in
          var waiting = manifests[...]
          var pairs: [Pair] = []
          // Two at a time: a plan of the real provider keeps a processor busy.
          while let next = waiting.popFirst() {
            if manifests.count - waiting.count > 2, let pair = try await group.next() { pairs.append(pair) }
            group.addTask {
              try await Self.pair(next.0, next.1, stackjob, planners)
            }
          }
          for try await pair in group { pairs.append(pair) }
          return pairs
        }
      }
    }
    #expect(pairs.count > 10)
    for pair in pairs { Self.compare(pair, &known) }
    #expect(known.unmet == [], "docs/sandbox.md lists differences that do not occur")
  }

  // MARK: Comparing

  private static func compare(_ pair: Pair, _ known: inout KnownDifferences) {
    let (real, sandbox) = (pair.real[0], pair.sandbox[0])
    var translations: [String: String] = [:]
    for (place, value) in real.answers {
      guard let answer = sandbox.answers[place], answer != value else { continue }
      guard let text = value.string, let other = answer.string,
        carried.contains(where: { place.hasSuffix(" \($0)") })
      else { continue }
      #expect(translations[text] ?? other == other, "\(pair.name): \(text) has two answers in the sandbox")
      translations[text] = other
    }
    // Longer texts first: one may be the beginning of another.
    let ordered = translations.sorted { ($1.key.count, $0.key) < ($0.key.count, $1.key) }
      .map { ($0.key, $0.value) }
    // A manifest may name by itself what a data source answers too; then nothing is to be translated.
    let places = real.places.filter { sandbox.places[$0.key] == $0.value }
    report(pair.name, real.translated(by: ordered).merging(places) { $1 }, sandbox.places, &known)
    report(pair.name, real.answers, sandbox.answers, &known)

    guard pair.real.count == 3 else { return }
    #expect(pair.real[1].actions == [:], "\(pair.name): nothing changed")
    #expect(pair.sandbox[1].actions == [:], "\(pair.name): nothing changed, in the sandbox")
    #expect(!pair.real[2].actions.isEmpty)
    #expect(pair.sandbox[2].actions == pair.real[2].actions, "\(pair.name): another image")
    let (ours, theirs) = (pair.sandbox[2].changes, pair.real[2].changes)
    #expect(ours == theirs, "\(pair.name): \(ours.symmetricDifference(theirs).sorted())")
  }

  private static func report(
    _ name: String,
    _ real: [String: JSONValue],
    _ sandbox: [String: JSONValue],
    _ known: inout KnownDifferences
  ) {
    for place in Set(real.keys).union(sandbox.keys).sorted() where real[place] != sandbox[place] {
      guard !known.knows(place) else { continue }
      let (theirs, ours) = (real[place]?.text() ?? "nothing", sandbox[place]?.text() ?? "nothing")
      Issue.record("\(name): \(place): the provider plans \(theirs), the sandbox \(ours)")
    }
  }

  // MARK: Planning

  /// Plans of one manifest: of nothing, and where it was applied of the same again and of another image.
  private struct Pair: Sendable {
    var name: String
    var real: [PlanDocument] = []
    var sandbox: [PlanDocument] = []
  }

  /// Terraform with one of the two providers.
  private struct Planner: Sendable {
    var name: String
    var environment: [String: String]
    /// The lock file that the one `init` wrote.
    var lock = ""

    /// Installs the provider for all modules: copies of it are large, and two calls of `init` at a time
    /// get in each other's way.
    mutating func install(_ stackjob: Product, for manifest: String) async throws {
      environment["TF_DATA_DIR"] = "\(stackjob.folder)/\(name)-data"
      environment["CHECKPOINT_DISABLE"] = "1"
      expect(try await stackjob("render", manifest, "--out", name), .done)
      try await EngineCall(stackjob: stackjob, folder: name, environment: environment)("init", "-input=false")
      lock = try #require(LocalFiles.text("\(stackjob.folder)/\(name)/.terraform.lock.hcl"))
    }
  }

  private static func planners(_ stackjob: Product, _ aws: LocalAWS, first manifest: String) async throws -> (
    real: Planner, sandbox: Planner
  ) {
    expect(try await stackjob("sandbox", "install", "mirror"), .done)
    let mirrors = ProviderMirrors.find(configured: [], home: "\(stackjob.folder)/user", dataHome: nil)
    let settings = try stackjob.file(
      "real.rc",
      mirrors.cliConfig(pluginCache: nil, allowsDownload: true).text
    )
    var real = Planner(
      name: "real",
      environment: aws.environment.merging(["TF_CLI_CONFIG_FILE": settings]) { $1 }
    )
    var sandbox = Planner(
      name: "sandbox",
      environment: ["TF_CLI_CONFIG_FILE": "\(stackjob.folder)/mirror/terraform.rc"]
    )
    try await real.install(stackjob, for: manifest)
    try await sandbox.install(stackjob, for: manifest)
    return (real, sandbox)
  }

  private static func pair(
    _ name: String,
    _ manifest: String,
    _ stackjob: Product,
    _ planners: (real: Planner, sandbox: Planner)
  ) async throws -> Pair {
    var pair = Pair(name: name)
    pair.real = try await plans(name, manifest, stackjob, planners.real)
    pair.sandbox = try await plans(name, manifest, stackjob, planners.sandbox)
    return pair
  }

  private static func plans(
    _ name: String,
    _ manifest: String,
    _ stackjob: Product,
    _ planner: Planner
  ) async throws -> [PlanDocument] {
    let folder = "\(name)-\(planner.name)"
    expect(try await stackjob("render", manifest, "--out", folder), .done)
    let values = try JSONValue(parsing: LocalFiles.read("\(stackjob.folder)/\(folder)/terraform.tfvars.json"))
    let keys = (values["secrets"]?.object?.keys ?? []).map { ($0, JSONValue.string("a-secret-value")) }
    let terraform = EngineCall(
      stackjob: stackjob,
      folder: folder,
      environment: planner.environment.merging([
        "TF_VAR_secret_values": JSONValue.object(JSONObject(keys)).text()
      ]) { $1 }
    )
    _ = try stackjob.file("\(folder)/.terraform.lock.hcl", planner.lock)
    var plans = [try await terraform.plan()]
    guard applied.contains(name) else { return plans }
    try await terraform("apply", "-input=false", "plan")
    plans.append(try await terraform.plan())
    expect(
      try await stackjob("render", manifest, "--image", "shop/other:2", "--out", folder, "--force"),
      .done
    )
    plans.append(try await terraform.plan())
    return plans
  }

  private static func manifests() throws -> [(name: String, text: String)] {
    try folders.flatMap { folder in
      try LocalFiles.list("\(Project.root)/\(folder)").sorted().filter { $0.hasSuffix(".yaml") }.map { file in
        (String(file.dropLast(5)), LocalFiles.text("\(Project.root)/\(folder)/\(file)") ?? "")
      }
    }
  }
}
