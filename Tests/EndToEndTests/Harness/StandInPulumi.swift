import LocalFiles
import StackModel
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// The stand-in for Pulumi in a product's folder; see `scripts/pulumi-stand-in`.
struct StandInPulumi: Sendable {
  let stackjob: Product
  /// Where it keeps what it was told, what there is, and its calls.
  let folder: String

  static let secret = "correct horse battery staple"

  /// Gives a test a product that finds the stand-in first.
  static func run(
    environment: [String: String] = [:],
    _ body: (StandInPulumi) async throws -> Void
  ) async throws {
    let base = ["AWS_REGION": "us-east-1", "SESSION_KEY": secret, "AWS_ACCESS_KEY_ID": "testing"]
    try await Product.run(environment: base.merging(environment) { $1 }) { stackjob in
      let pulumi = StandInPulumi(stackjob: stackjob, folder: "\(stackjob.folder)/bin")
      let script = try stackjob.file(
        "bin/pulumi",
        "#!/bin/sh\nexec '\(Project.root)/scripts/pulumi-stand-in' '\(pulumi.folder)' \"$@\"\n"
      )
      chmod(script, 0o755)
      try await body(pulumi)
    }
  }

  /// Runs the product with Pulumi for its engine.
  func callAsFunction(
    _ arguments: String...,
    environment: [String: String] = [:],
    stop: StopSwitch = StopSwitch(),
    onStart: @escaping @Sendable (Int) -> Void = { _ in },
    when: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Product.Result {
    try await stackjob.run(
      arguments + ["--engine", "pulumi"],
      environment: path.merging(environment) { $1 },
      stop: stop,
      onStart: onStart,
      when: when
    )
  }

  /// By which commands find the stand-in.
  var path: [String: String] { ["PATH": "\(folder):\(Project.path)"] }

  /// Settings for a command, as part of its environment.
  func settings(_ text: String) throws -> [String: String] {
    ["STACKJOB_CONFIG": try stackjob.file("settings.yaml", text)]
  }

  /// Where the stack's locks lie.
  var locks: String {
    "\(stackjob.stateHome)/stacks/acme/test/AwsEcsService/web/pulumi/.pulumi/locks/organization/"
      + "stackjob-AwsEcsService/acme.test.web"
  }

  /// The locks that are there.
  func lockFiles() -> [String] { ((try? LocalFiles.list(locks)) ?? []).filter { $0.hasSuffix(".json") } }

  /// The state as it is in the backend.
  func state() throws -> JSONValue {
    let root = "\(stackjob.stateHome)/stacks/acme/test/AwsEcsService/web/pulumi/.pulumi"
    let json = try JSONValue(
      parsing: LocalFiles.read("\(root)/stacks/stackjob-AwsEcsService/acme.test.web.json")
    )
    return json["checkpoint"]?["latest"] ?? .null
  }

  /// A service with a secret.
  func manifest(image: String = "shop/web:1") throws -> String {
    let parts = image.split(separator: ":").map(String.init)
    return try stackjob.file(
      "service.yaml",
      """
      apiVersion: aws.project-planton.org/v1
      kind: AwsEcsService
      metadata: {name: web, org: acme, env: test}
      spec:
        clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
        container:
          image: {repo: \(parts[0]), tag: "\(parts[1])"}
          cpu: 256
          memory: 512
          env: {secrets: {SESSION_KEY: {env: SESSION_KEY}}}
        network: {subnets: [subnet-0123456789abcdef0], securityGroups: [sg-0123456789abcdef0]}

      """
    )
  }

  // MARK: What goes wrong, what there is

  func control(_ control: JSONValue) throws {
    try LocalFiles.replace("\(folder)/control.json", with: control.bytes(.pretty))
  }

  /// What is there, by URN.
  func cloud() throws -> JSONObject {
    guard LocalFiles.exists("\(folder)/cloud.json") else { return [:] }
    return try JSONValue(parsing: LocalFiles.read("\(folder)/cloud.json")).object ?? [:]
  }

  func names() throws -> [String] {
    try cloud().keys.compactMap { $0.split(separator: ":").last.map(String.init) }.sorted()
  }

  /// Changes what is there behind everybody's back.
  func meddle(_ change: (inout JSONObject) -> Void) throws {
    var all = try cloud()
    change(&all)
    try LocalFiles.replace("\(folder)/cloud.json", with: JSONValue.object(all).bytes(.pretty))
  }

  /// Every call: its arguments and its environment.
  func calls() throws -> [JSONValue] {
    try LocalFiles.read("\(folder)/calls.ndjson").split(separator: 0x0A).map {
      try JSONValue(parsing: Array($0))
    }
  }

  /// The calls of one command, such as `up`.
  func calls(_ command: String) throws -> [[String]] {
    try calls().compactMap { call in
      let arguments = call["arguments"]?.array?.compactMap(\.string) ?? []
      return arguments.dropFirst(3).first == command ? arguments : nil
    }
  }

  /// Fails where the secret stands in a file, an argument, an environment or an output.
  func expectNoSecret(sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
    for (path, bytes) in try stackjob.everything() {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains(Self.secret), "\(path)", sourceLocation: sourceLocation)
      #expect(!text.contains(Self.base64), "\(path)", sourceLocation: sourceLocation)
    }
  }

  private static let base64 = "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ"
}
