import LocalFiles
import StackModel
import Testing
import ToolProcess

/// Every manifest in the repository, rendered for both engines: what the real Terraform plans with the sandbox for a
/// provider, and what the Pulumi program asks for, are the same but for the table in `docs/pulumi.md`.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct PulumiParityTests {
  private static let folders = ["templates/AwsEcsService/examples", "Tests/Fixtures/AwsEcsService/good"]

  @Test func `Terraform and Pulumi make the same of every manifest`() async throws {
    try await KubernetesPlans.run { kubernetes in
      let stackjob = kubernetes.stackjob
      var arguments: [String] = []
      for (name, manifest) in try KubernetesPlans.manifests() {
        let folder = "kubernetes-\(name)"
        let plan = try await kubernetes.plan(folder, manifest)
        try await kubernetes.render(folder, manifest, "--engine", "pulumi")
        arguments += try Self.arguments(folder, plan, stackjob)
      }
      for (name, manifest) in try Self.manifests() {
        let folder = "aws-\(name)"
        let plan = try await Self.plan(folder, manifest, stackjob)
        let render = ["render", manifest, "--engine", "pulumi", "--out", folder, "--force"]
        expect(try await stackjob.run(render), .done)
        arguments += try Self.arguments(folder, plan, stackjob)
      }
      let result = try await stackjob.run(arguments, executable: "\(Project.root)/scripts/pulumi_parity.py")
      #expect(result.stdout == "" && result.stderr == "" && result.exit == .code(0))
    }
  }

  /// What the comparison takes for one manifest.
  private static func arguments(_ folder: String, _ plan: JSONValue, _ stackjob: Product) throws -> [String] {
    [
      folder, try stackjob.file("plans/\(folder).json", plan.text()),
      "\(stackjob.folder)/\(folder)/Main.json",
    ]
  }

  private static func plan(_ folder: String, _ manifest: String, _ stackjob: Product) async throws
    -> JSONValue
  {
    expect(try await stackjob("render", manifest, "--out", folder), .done)
    let values = try JSONValue(parsing: LocalFiles.read("\(stackjob.folder)/\(folder)/terraform.tfvars.json"))
    let keys = (values["secrets"]?.object?.keys ?? []).map { ($0, JSONValue.string("a-value")) }
    let terraform = EngineCall(
      stackjob: stackjob,
      folder: folder,
      environment: [
        "TF_CLI_CONFIG_FILE": "\(stackjob.folder)/mirror/terraform.rc", "CHECKPOINT_DISABLE": "1",
        "TF_VAR_secret_values": JSONValue.object(JSONObject(keys)).text(),
      ]
    )
    try await terraform("init", "-input=false")
    return try await terraform.planJSON()
  }

  private static func manifests() throws -> [(name: String, path: String)] {
    try folders.flatMap { folder in
      try LocalFiles.list("\(Project.root)/\(folder)").sorted().filter { $0.hasSuffix(".yaml") }.map {
        (String($0.dropLast(5)), "\(Project.root)/\(folder)/\($0)")
      }
    }
  }
}
