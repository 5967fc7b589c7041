import LocalFiles
import StackModel
import Testing
import ToolProcess

/// Services on Kubernetes, planned by the real Terraform with the sandbox for a provider.
struct KubernetesPlans: Sendable {
  private static let folders = [
    "templates/MicroserviceKubernetes/examples", "Tests/Fixtures/MicroserviceKubernetes/manifests",
  ]
  private static let groups = [
    "examples/k8s-service/references/variables.yaml", "examples/k8s-service/references/secrets.yaml",
    "Tests/Fixtures/MicroserviceKubernetes/references.yaml",
  ]

  let stackjob: Product

  /// Gives a test a product in which the sandbox is installed.
  static func run(_ body: (KubernetesPlans) async throws -> Void) async throws {
    try await Product.run(environment: ["SESSION_KEY": "a-session-key", "A_KEY": "a-key"]) { stackjob in
      expect(try await stackjob("sandbox", "install", "mirror"), .done)
      try await body(KubernetesPlans(stackjob: stackjob))
    }
  }

  /// The manifests in the repository, by name.
  static func manifests() throws -> [(name: String, path: String)] {
    try folders.flatMap { folder in
      try LocalFiles.list("\(Project.root)/\(folder)").sorted().filter { $0.hasSuffix(".yaml") }.map {
        (String($0.dropLast(5)), "\(Project.root)/\(folder)/\($0)")
      }
    }
  }

  static func manifest(_ name: String) throws -> String {
    try #require(try manifests().first { $0.name == name }).path
  }

  /// Renders a manifest into the folder `name`, where Terraform is then called.
  @discardableResult
  func render(_ name: String, _ manifest: String, _ options: String...) async throws -> EngineCall {
    let references = Self.groups.flatMap { ["--references", "\(Project.root)/\($0)"] }
    let arguments = ["render", manifest, "--image", "registry.example.com/shop/web:1.2.3", "--out", name]
    expect(try await stackjob.run(arguments + references + ["--force"] + options), .done)
    let values = try JSONValue(parsing: LocalFiles.read("\(stackjob.folder)/\(name)/terraform.tfvars.json"))
    let keys = (values["secrets"]?.object?.members ?? []).flatMap { secret in
      (secret.value["keys"]?.array?.compactMap(\.string) ?? []).map { "\(secret.key)/\($0)" }
    }
    return EngineCall(
      stackjob: stackjob,
      folder: name,
      environment: [
        "TF_CLI_CONFIG_FILE": "\(stackjob.folder)/mirror/terraform.rc", "CHECKPOINT_DISABLE": "1",
        "TF_VAR_connection": #"{"host": "https://sandbox.invalid"}"#,
        "TF_VAR_secret_values": JSONValue.object(JSONObject(keys.map { ($0, "a-value") })).text(),
      ]
    )
  }

  /// The plan of a manifest that nothing was made of yet.
  func plan(_ name: String, _ manifest: String) async throws -> JSONValue {
    let terraform = try await render(name, manifest)
    try await terraform("init", "-input=false")
    return try await terraform.planJSON()
  }

  /// What `scripts/check-kubernetes` says of plans, by their names.
  func check(_ plans: [String: JSONValue]) async throws -> [String: [String]] {
    var files: [String] = []
    for (name, plan) in plans { files.append(try stackjob.file("plans/\(name)", plan.text())) }
    let result = try await stackjob.run(files, executable: "\(Project.root)/scripts/check-kubernetes")
    var problems: [String: [String]] = [:]
    for line in result.stdout.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      problems[parts[0], default: []].append(String(parts.last?.dropFirst() ?? ""))
    }
    #expect(result.stderr == "" && result.exit == .code(problems.isEmpty ? 0 : 1), "\(result.stderr)")
    return problems
  }
}

extension JSONValue {
  /// The same with another value in one place, which is made if it is not there.
  ///
  /// - Parameter place: names of members and indices of elements.
  func replacing(_ place: ArraySlice<JSONValue>, with value: JSONValue) -> JSONValue {
    guard let step = place.first else { return value }
    let rest = place.dropFirst()
    if let name = step.string {
      var object = object ?? JSONObject()
      object[name] = (object[name] ?? nil).replacing(rest, with: value)
      return .object(object)
    }
    var elements = array ?? []
    let index = min(step.int ?? 0, elements.count)
    if index == elements.count { elements.append(nil) }
    elements[index] = elements[index].replacing(rest, with: value)
    return .array(elements)
  }

  /// The same with the members of every object in the order of their names.
  var sorted: JSONValue {
    switch self {
    case .object(let object):
      .object(JSONObject(object.members.map { ($0.key, $0.value.sorted) }.sorted { $0.0 < $1.0 }))
    case .array(let elements): .array(elements.map(\.sorted))
    default: self
    }
  }
}
