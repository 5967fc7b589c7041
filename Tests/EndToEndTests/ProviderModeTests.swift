import LocalFiles
import StackModel
import Testing
import ToolProcess

/// The quick way to providers against the engine's own: what comes out has to be the same, to the letter
/// but for times and made-up ids.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct ProviderModeTests {
  /// What one mode makes of a step.
  private struct Step: Equatable {
    var name: String
    var exit: ToolExit
    var job: JSONValue?
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
      availability: {minReplicas: 2, horizontalPodAutoscaling: {isEnabled: true, maxReplicas: 4}}

    """

  /// A service's life with the failures that a provider can have, in the sandbox.
  private func life(_ mode: String) async throws -> (steps: [Step], documents: [JSONValue]) {
    var steps: [Step] = []
    var documents: [JSONValue] = []
    try await Product.run(environment: ["DATABASE_PASSWORD": "value-of-the-password"]) { stackjob in
      func step(_ name: String, _ arguments: [String], faults: String = "[]") async throws {
        let result = try await stackjob.run(
          arguments + ["--sandbox", "--providers", mode, "--output", "json"],
          environment: ["STACKJOB_SANDBOX_FAULTS": faults]
        )
        let job = try? result.job()
        steps.append(
          Step(name: name, exit: result.exit, job: job.map { Self.normalized($0, stackjob.folder) })
        )
      }
      func fault(_ text: String) -> String { "[\(text)]" }
      let manifest = try stackjob.file("service.yaml", Self.text)
      let create = ["apply", manifest, "--auto-approve"]
      let change = create + ["--image", "shop/web:9"]

      try await step("plan of a create", ["plan", manifest, "--out", "create"])
      documents.append(
        Self.normalized(
          try JSONValue(parsing: LocalFiles.read("\(stackjob.folder)/create/plan.json")),
          stackjob.folder
        )
      )
      try await step(
        "a configure that fails",
        create,
        faults: fault(#"{"do": "fail", "when": "configure", "summary": "No such account"}"#)
      )
      try await step("apply", create)
      try await step("plan of nothing", ["plan", manifest, "--detailed-exitcode"])
      try await step("plan of an update", ["plan", manifest, "--image", "shop/web:9", "--detailed-exitcode"])
      try await step(
        "drift",
        ["drift", manifest],
        faults: fault(
          #"{"do": "change", "type": "kubernetes_deployment_v1", "values": {"spec.0.min_ready_seconds": 7}}"#
        )
      )
      try await step(
        "an object that is gone",
        ["plan", manifest],
        faults: fault(#"{"do": "forget", "type": "kubernetes_service_v1"}"#)
      )
      try await step(
        "a diagnostic with a path",
        change,
        faults: fault(
          #"{"do": "fail", "type": "kubernetes_deployment_v1", "summary": "Too many", "path": ["spec", 0, "replicas"]}"#
        )
      )
      try await step(
        "a crash in mid-apply",
        change,
        faults: fault(#"{"do": "crash", "type": "kubernetes_deployment_v1"}"#)
      )
      try await step(
        "a crash in mid-plan",
        ["plan", manifest],
        faults: fault(#"{"do": "crash", "when": "plan", "type": "kubernetes_service_v1"}"#)
      )
      try await step("update", change)
      try await step("replace", ["plan", manifest, "--replace", "kubernetes_deployment_v1.this"])
      let state = try await stackjob.shell(
        "cat $(ls \(stackjob.stateHome)/sandbox/stacks/*/*/*/*/state/* | tail -1)"
      )
      documents.append(Self.normalized(try JSONValue(parsing: state.stdout), stackjob.folder))
      try await step("destroy", ["destroy", manifest, "--auto-approve"])
    }
    return (steps, documents)
  }

  /// The lines that stand in one of the two alone.
  private static func difference(_ one: JSONValue?, _ other: JSONValue?) -> [String] {
    func lines(_ value: JSONValue?) -> [String] {
      String(decoding: (value ?? .null).bytes(.pretty), as: UTF8.self).split(separator: "\n").map(String.init)
    }
    return lines(one).difference(from: lines(other)).map { change in
      switch change {
      case .insert(_, let line, _): "accelerated: \(line)"
      case .remove(_, let line, _): "plain: \(line)"
      }
    }
  }

  /// Without what differs between any two runs.
  private static func normalized(_ value: JSONValue, _ folder: String) -> JSONValue {
    switch value {
    case .object(let object):
      return .object(
        JSONObject(
          object.compactMap { key, value -> (String, JSONValue)? in
            switch key {
            case "timestamp", "seconds", "job", "journal", "digest", "lineage", "serial": return nil
            case "uid", "resource_version": return (key, "*")
            // In random order in plain runs too; and how many calls a crash takes along is chance.
            case "relevant_attributes", "sensitive_attributes", "diagnostics":
              let elements = (value.array ?? []).map { normalized($0, folder) }
              let texts = Set(elements.map { $0.text() }).sorted()
              return (key, .array(texts.map { .string($0) }))
            default: return (key, normalized(value, folder))
            }
          }
        )
      )
    case .array(let elements): return .array(elements.map { normalized($0, folder) })
    case .string(let text):
      // Terraform has two ways to tell of a crash, and of several calls in the air tells of any: by chance.
      let isCrash = ["Plugin did not respond", "Request cancelled", "GRPCProvider)."].contains {
        text.contains($0)
      }
      return .string(isCrash ? "the plugin crashed" : text.replacing(folder, with: "@"))
    default: return value
    }
  }

  @Test func `both ways give the same plans, states, diagnostics and exit codes`() async throws {
    async let quick = life("accelerated")
    let plain = try await life("plain")
    let found = try await quick
    #expect(found.steps.map(\.name) == plain.steps.map(\.name))
    for (one, other) in zip(found.steps, plain.steps) {
      #expect(one.exit == other.exit, "\(one.name)")
      #expect(Self.difference(one.job, other.job) == [], "\(one.name)")
    }
    for (one, other) in zip(found.documents, plain.documents) { #expect(Self.difference(one, other) == []) }
  }

  @Test func `the AWS provider plans the same by both ways`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment.merging(["SESSION_KEY": "a-session-key"]) { $1 }) {
        stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        func plan(_ mode: String, _ folder: String) async throws -> JSONValue {
          let result = try await stackjob(
            "plan",
            manifest,
            "--providers",
            mode,
            "--out",
            folder,
            "--output",
            "json"
          )
          expect(result, .done)
          #expect(try result.job()["diagnostics"]?.array == [])
          return Self.normalized(
            try JSONValue(parsing: LocalFiles.read("\(stackjob.folder)/\(folder)/plan.json")),
            stackjob.folder
          )
        }
        #expect(try await plan("accelerated", "a") == plan("plain", "b"))
        // The plan that was made one way is carried out the other way.
        expect(try await stackjob("apply", manifest, "--plan", "b"), .done)
        #expect(try await plan("plain", "c") == plan("accelerated", "d"))
        expect(try await stackjob("destroy", manifest, "--auto-approve"), .done)
        #expect(try aws.left() == [:])
      }
    }
  }

  @Test func `a package that is not the locked one is refused in the engine's own words`() async throws {
    try await Product.run { stackjob in
      expect(try await stackjob("sandbox", "install", "mirror"), .done)
      let kubeconfig = try Self.kubeconfig(stackjob)
      let environment = [
        "STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror", "KUBECONFIG": kubeconfig,
        "DATABASE_PASSWORD": "value-of-the-password",
      ]
      let arguments = ["plan", try stackjob.file("service.yaml", Self.text), "--output", "json"]
      expect(try await stackjob.run(arguments, environment: environment), .done)
      let package = try await stackjob.shell("ls -d mirror/registry.terraform.io/hashicorp/kubernetes/*/*")
      let schema = "\(stackjob.folder)/\(package.stdout.split(separator: "\n")[0])/schema.json"
      try LocalFiles.replace(schema, with: LocalFiles.read(schema) + [0x0A])
      for mode in ["accelerated", "plain"] {
        let refused = try await stackjob.run(arguments + ["--providers", mode], environment: environment)
        #expect(refused.exit != .code(0))
        #expect(refused.stdout.contains("checksums"), "\(mode): \(refused.stdout.suffix(2000))")
      }
    }
  }

  @Test func `where the quick way is not open the job goes on the plain one and says why`() async throws {
    try await Product.run { stackjob in
      // A file where the cache should be.
      _ = try stackjob.file("state/sandbox/cache/providers", "")
      let result = try await stackjob.run(
        ["plan", try stackjob.file("service.yaml", Self.text), "--sandbox", "--output", "json"],
        environment: ["DATABASE_PASSWORD": "value-of-the-password"]
      )
      expect(result, .done)
      let told = try result.job()["diagnostics"]?.array?.compactMap { $0["summary"]?.string } ?? []
      #expect(told.contains("Providers are run by the engine itself, which takes longer"))
    }
  }

  @Test func `a provider that fails us in mid-job is left to the engine, and no error of ours is told`()
    async throws
  {
    try await Product.run { stackjob in
      let manifest = try stackjob.file("service.yaml", Self.text)
      expect(try await stackjob("sandbox", "install", "mirror"), .done)
      let package = try await stackjob.shell("ls -d mirror/registry.terraform.io/hashicorp/kubernetes/*/*")
      let folder = "\(stackjob.folder)/\(package.stdout.split(separator: "\n")[0])"
      // Starts for Terraform alone, which gives it a certificate, once the file is there.
      let made = try await stackjob.shell(
        """
        cd \(folder) && mv terraform-provider-kubernetes_v3.2.1 played && cat > terraform-provider-kubernetes_v3.2.1 <<'END'
        #!/bin/sh
        if [ -e \(stackjob.folder)/broken ] && [ -z "$PLUGIN_CLIENT_CERT" ]; then exit 1; fi
        exec "$(dirname "$0")/played"
        END
        chmod +x terraform-provider-kubernetes_v3.2.1
        """
      )
      #expect(made.exit.isSuccess, "\(made.stderr)")
      let environment = [
        "STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror", "DATABASE_PASSWORD": "value-of-the-password",
        "KUBECONFIG": try Self.kubeconfig(stackjob),
      ]
      func warnings(_ arguments: [String]) async throws -> [String] {
        let result = try await stackjob.run(arguments + ["--output", "json"], environment: environment)
        expect(result, .done)
        let told = try result.job()["diagnostics"]?.array ?? []
        #expect(!told.contains { $0["severity"] == "error" })
        return told.compactMap { $0["summary"]?.string }.filter { !$0.hasPrefix("Sandbox") }
      }
      #expect(try await warnings(["plan", manifest]) == [])
      _ = try stackjob.file("broken", "")
      let told = ["Providers are run by the engine itself, which takes longer"]
      #expect(try await warnings(["plan", manifest]) == told)
      #expect(try await warnings(["apply", manifest, "--auto-approve"]) == told)
    }
  }

  private static func kubeconfig(_ stackjob: Product) throws -> String {
    try stackjob.file(
      "kubeconfig",
      """
      {"current-context": "x", "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
       "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
       "users": [{"name": "u", "user": {"token": "t0ken-value"}}]}
      """
    )
  }

  @Test func `what was remembered may be damaged at any time`() async throws {
    try await Product.run { stackjob in
      let arguments = ["plan", try stackjob.file("service.yaml", Self.text), "--sandbox", "--output", "json"]
      let environment = ["DATABASE_PASSWORD": "value-of-the-password"]
      let first = try await stackjob.run(arguments, environment: environment)
      expect(first, .done)
      let cache = "\(stackjob.stateHome)/sandbox/cache"
      for folder in ["\(cache)/init", "\(cache)/providers"] {
        for name in try LocalFiles.list(folder) {
          let bytes = try LocalFiles.read("\(folder)/\(name)")
          try LocalFiles.replace("\(folder)/\(name)", with: Array(bytes.prefix(bytes.count / 2)))
        }
      }
      let second = try await stackjob.run(arguments, environment: environment)
      expect(second, .done)
      #expect(
        Self.normalized(try second.job(), stackjob.folder)
          == Self.normalized(try first.job(), stackjob.folder)
      )
    }
  }

  /// See docs/provider-acceleration.md: a provider's settings that name the stack would be checked anew for each.
  @Test func `a second stack of a region asks the provider nothing that a first one has asked`() async throws
  {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment.merging(["SESSION_KEY": "value-of-the-key"]) { $1 })
      {
        stackjob in
        func answers() throws -> Set<String> {
          Set(try LocalFiles.list("\(stackjob.stateHome)/cache/providers").filter { $0.hasPrefix("valid-") })
        }
        let text = try Manifests.web(aws)
        expect(try await stackjob("plan", try stackjob.file("first.yaml", text)), .done)
        let first = try answers()
        #expect(!first.isEmpty)
        let second = text.replacing("name: web", with: "name: other")
        #expect(second != text)
        expect(try await stackjob("plan", try stackjob.file("second.yaml", second)), .done)
        #expect(try answers() == first)
      }
    }
  }
}
