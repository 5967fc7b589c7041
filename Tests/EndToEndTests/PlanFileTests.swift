import LocalFiles
import StackModel
import Testing
import ToolProcess

/// What stackjob reads in a plan file by itself against what the engine's `show` says of it.
@Suite(.needsTools, .timeLimit(.minutes(10))) struct PlanFileTests {
  private static let templates = "\(Project.root)/templates"
  private static let environment = [
    "DATABASE_PASSWORD": "value-of-the-password", "SESSION_KEY": "value-of-the-key",
  ]

  private struct Told: Equatable {
    var changes: [JSONValue]
    var exit: ToolExit
  }

  /// What a plan's events say of changes, and whether `show` was run for that.
  private func plan(
    _ stackjob: Product,
    _ arguments: [String],
    _ mode: String,
    faults: String = "[]"
  ) async throws -> (told: Told, isShown: Bool) {
    let result = try await stackjob.run(
      arguments + ["--sandbox", "--providers", mode, "--output", "ndjson"],
      environment: ["STACKJOB_SANDBOX_FAULTS": faults]
    )
    let events = try result.events()
    let changes = events.filter {
      ["resource.planned", "resource.drifted", "plan.ready"].contains($0["type"]?.string)
    }
    .map { event in
      var members = event.object ?? JSONObject([])
      for name in ["seq", "time", "job", "digest"] { members[name] = nil }
      return JSONValue.object(members)
    }
    #expect(!result.stdout.contains("value-of-the"))
    let isShown = events.contains { $0["arguments"]?[0] == "show" }
    return (Told(changes: changes, exit: result.exit), isShown)
  }

  private func isSame(
    _ stackjob: Product,
    _ arguments: [String],
    count: Int? = nil,
    faults: String = "[]",
    isShown: Bool = false
  ) async throws {
    let ours = try await plan(stackjob, arguments, "accelerated", faults: faults)
    let theirs = try await plan(stackjob, arguments, "plain", faults: faults)
    #expect(ours.told == theirs.told, "\(arguments)")
    #expect(ours.isShown == isShown && theirs.isShown, "\(arguments)")
    if let count { #expect(ours.told.changes.count == count + 1, "\(arguments)") }
  }

  @Test(arguments: ["minimal", "fargate-alb", "ec2-capacity-provider"])
  func `a new AwsEcsService`(example: String) async throws {
    try await Product.run(environment: Self.environment) { stackjob in
      try await isSame(stackjob, ["plan", "\(Self.templates)/AwsEcsService/examples/\(example).yaml"])
    }
  }

  private static let text = """
    apiVersion: kubernetes.project-planton.org/v1
    kind: MicroserviceKubernetes
    metadata: {name: web, org: acme, env: test}
    spec:
      container:
        app:
          image: {repo: shop/web, tag: "1"}
          env: {variables: {LOG_LEVEL: info}, secrets: {DATABASE_PASSWORD: {env: DATABASE_PASSWORD}}}
          ports: [{name: http, containerPort: 8080, servicePort: 80, isIngressPort: true}]
      ingress: {enabled: true, dnsDomain: example.com}

    """

  @Test func `the life of a service`() async throws {
    try await Product.run(environment: Self.environment) { stackjob in
      let manifest = try stackjob.file("service.yaml", Self.text)
      try await isSame(stackjob, ["plan", manifest])
      expect(try await stackjob("apply", manifest, "--auto-approve", "--sandbox"), .done)
      try await isSame(stackjob, ["plan", manifest], count: 0)
      try await isSame(
        stackjob,
        ["plan", manifest, "--image", "shop/web:2", "--detailed-exitcode"],
        count: 1
      )
      try await isSame(stackjob, ["plan", manifest, "--replace", "kubernetes_deployment_v1.this"], count: 1)
      try await isSame(stackjob, ["plan", manifest, "--destroy"])
      // What was found changed is weighed by the configuration, which only the engine tells.
      try await isSame(
        stackjob,
        ["plan", manifest],
        faults:
          #"[{"do": "change", "type": "kubernetes_deployment_v1", "values": {"spec.0.min_ready_seconds": 7}}]"#,
        isShown: true
      )
      let changed = try stackjob.file(
        "changed.yaml",
        Self.text.replacing("LOG_LEVEL: info", with: "LOG_LEVEL: debug, MORE: x")
      )
      let other = ["DATABASE_PASSWORD": "value-of-the-other"]
      let plans = try await ["accelerated", "plain"].asyncMap { mode in
        try await stackjob.run(
          ["plan", changed, "--sandbox", "--providers", mode, "--output", "json"],
          environment: other
        ).job()["changes"]
      }
      #expect(plans[0] == plans[1] && plans[0]?.array?.isEmpty == false)
    }
  }
}

extension Sequence where Element: Sendable {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
