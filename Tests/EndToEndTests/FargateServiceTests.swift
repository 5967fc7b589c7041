import LocalFiles
import StackModel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The main job, whole: a web service on Fargate from its manifest to nothing left.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct FargateServiceTests {
  static let planted = "planted-env-value-71b3"

  @Test func `a Fargate service is planned, applied, changed, found drifted, and destroyed`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment.merging(["SESSION_KEY": Self.planted]) { $1 }) {
        stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.web(aws))
        try await planAndApply(stackjob, manifest)
        try await checkAccount(aws, stackjob, manifest)
        try await update(stackjob, manifest, aws)
        try await findDrift(stackjob, manifest, aws)
        expect(try await stackjob("plan", manifest, "--output", "markdown"), .done)
        try await destroy(stackjob, manifest, aws)
        try searchForSecrets(stackjob)
      }
    }
  }

  private func planAndApply(_ stackjob: Product, _ manifest: String) async throws {
    let plan = try await stackjob(
      "plan",
      manifest,
      "--detailed-exitcode",
      "--output",
      "json",
      "--out",
      "kept"
    )
    expect(plan, .changes)
    let job = try plan.job()
    #expect(job["result"] == "succeeded")
    #expect((job["summary"]?["add"]?.int ?? 0) >= 15)
    #expect(job["summary"]?["remove"] == 0)
    let digest = try JSONValue(parsing: try LocalFiles.read("\(stackjob.folder)/kept/digest.json"))
    #expect(digest["stack"] == "acme/test/AwsEcsService/web")
    #expect(LocalFiles.text("\(stackjob.folder)/kept/plan.md")?.contains("aws_ecs_service") == true)

    let apply = try await stackjob("apply", manifest, "--plan", "kept", "--output", "ndjson")
    expect(apply, .done)
    let events = try apply.events()
    #expect(events.map { $0["seq"]?.int } == Array(1...events.count))
    let types = Set(events.compactMap { $0["type"]?.string })
    for expected in [
      "job.started", "phase.started", "phase.finished", "tool.started", "tool.finished", "resource.planned",
      "resource.started", "resource.finished", "plan.ready", "apply.summary", "output", "state.saved",
      "lock.acquired", "lock.released", "job.finished",
    ] { #expect(types.contains(expected), "no \(expected)") }
    #expect(events.last?["result"] == "succeeded")
    #expect(events.last?["lock_released"] == true)

    let again = try await stackjob("plan", manifest, "--detailed-exitcode")
    expect(again, .done)
  }

  private func checkAccount(_ aws: LocalAWS, _ stackjob: Product, _ manifest: String) async throws {
    let service = try #require(try aws.service("web", cluster: try aws.id("cluster_arn")))
    #expect(service["launchType"] == "FARGATE")
    #expect(service["deploymentConfiguration"]?["deploymentCircuitBreaker"]?["rollback"] == true)
    let definition = try aws.ecs(
      "DescribeTaskDefinition",
      ["taskDefinition": service["taskDefinition"] ?? ""]
    )
    let container = definition["taskDefinition"]?["containerDefinitions"]?[0]
    #expect(container?["image"] == "shop/web:1.0")
    let secrets = container?["secrets"]?.array ?? []
    #expect(Set(secrets.compactMap { $0["name"]?.string }) == ["SESSION_KEY", "DATABASE_PASSWORD"])
    // The value is where it should be: in Secrets Manager, and the task names it by its ARN.
    let source = try #require(secrets.first { $0["name"] == "SESSION_KEY" }?["valueFrom"]?.string)
    let arn = source.split(separator: ":", omittingEmptySubsequences: false).prefix(7).joined(separator: ":")
    let value = try aws.call("secretsmanager", "secretsmanager.GetSecretValue", ["SecretId": .string(arn)])
    #expect(value["SecretString"]?.string == Self.planted)

    let outputs = try await stackjob("outputs", manifest, "--output", "json")
    expect(outputs, .done)
    let values = try outputs.document()
    for name in [
      "aws_ecs_service_name", "ecs_cluster_name", "load_balancer_dns_name", "service_url",
      "service_discovery_name",
      "cloudwatch_log_group_name", "cloudwatch_log_group_arn", "service_arn", "target_group_arn",
    ] { #expect(values[name] != nil, "no output \(name)") }
    #expect(values["aws_ecs_service_name"] == "web")
    #expect(values["ecs_cluster_name"]?.string?.hasPrefix("arn:") == false)
    #expect(values["service_url"]?.string?.hasPrefix("http://") == true)
    #expect(values["service_arn"] == service["serviceArn"])
  }

  private func update(_ stackjob: Product, _ manifest: String, _ aws: LocalAWS) async throws {
    let apply = try await stackjob(
      "apply",
      manifest,
      "--image",
      "shop/web:2.0",
      "--auto-approve",
      "--output",
      "json"
    )
    expect(apply, .done)
    let changes = try apply.job()["changes"]?.array ?? []
    let service = try #require(changes.first { $0["address"]?.string?.hasPrefix("aws_ecs_service.") == true })
    #expect(service["action"] == "update", "the service must be changed in place")
    let live = try #require(try aws.service("web", cluster: try aws.id("cluster_arn")))
    let definition = try aws.ecs("DescribeTaskDefinition", ["taskDefinition": live["taskDefinition"] ?? ""])
    #expect(definition["taskDefinition"]?["containerDefinitions"]?[0]?["image"] == "shop/web:2.0")
  }

  private func findDrift(_ stackjob: Product, _ manifest: String, _ aws: LocalAWS) async throws {
    let calm = try await stackjob("drift", manifest, "--image", "shop/web:2.0", "--detailed-exitcode")
    expect(calm, .done)
    let group = try await stackjob("outputs", manifest, "--name", "cloudwatch_log_group_name")
    _ = try aws.call(
      "logs",
      "Logs_20140328.PutRetentionPolicy",
      ["logGroupName": .string(group.stdout.filter { !$0.isNewline }), "retentionInDays": 7]
    )
    let drift = try await stackjob(
      "drift",
      manifest,
      "--image",
      "shop/web:2.0",
      "--detailed-exitcode",
      "--output",
      "json"
    )
    expect(drift, .changes)
    let found = try drift.job()["drift"]?.array ?? []
    #expect(found.count == 1)
    #expect(found.first?["address"]?.string?.hasPrefix("aws_cloudwatch_log_group.") == true)
    #expect(found.first?["attributes"]?[0]?["path"] == "retention_in_days")

    let refresh = try await stackjob("refresh", manifest, "--image", "shop/web:2.0", "--output", "json")
    expect(refresh, .done)
    let after = try await stackjob("drift", manifest, "--image", "shop/web:2.0", "--detailed-exitcode")
    expect(after, .done)
  }

  private func destroy(_ stackjob: Product, _ manifest: String, _ aws: LocalAWS) async throws {
    let destroy = try await stackjob("destroy", manifest, "--auto-approve", "--output", "json")
    expect(destroy, .done)
    let left = try aws.left()
    // A request that the SDK sent twice makes two; the calls tell.
    let registered = try aws.log("RegisterTaskDefinition")
    #expect(left == [:], "\(left.text()) of \(registered.text())")
    let outputs = try await stackjob("outputs", manifest, "--output", "json")
    #expect(try outputs.document() == [:])
  }

  /// What was printed, journals, plans, states, programs, whatever is left: no byte of a secret, and no
  /// file that others can read.
  private func searchForSecrets(_ stackjob: Product) throws {
    let manifest = "\(stackjob.folder)/service.yaml"
    var searched = 0
    for (path, bytes) in try stackjob.everything() where path != manifest {
      searched += 1
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains(Self.planted), "\(path)")
      #expect(!text.contains("planted-literal-9f2c"), "\(path)")
      var info = stat()
      if path.hasPrefix("/"), stat(path, &info) == 0 { #expect(info.st_mode & 0o077 == 0, "\(path)") }
    }
    #expect(searched > 10)
  }
}
