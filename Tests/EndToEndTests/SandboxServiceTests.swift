import LocalFiles
import StackModel
import Testing
import ToolProcess

/// The documentation's service through its life, with the real Terraform and a played Kubernetes.
@Suite(.needsTools, .needsKubectl, .timeLimit(.minutes(20))) struct SandboxServiceTests {
  private static let repository = "\(Project.root)/examples/k8s-service"
  private static let references = [
    "--references", "\(repository)/references/variables.yaml", "--references",
    "\(repository)/references/secrets.yaml",
  ]

  /// What `kubectl kustomize` makes of an overlay.
  private func overlay(_ name: String, in stackjob: Product) async throws -> String {
    let path = "\(stackjob.folder)/\(name).yaml"
    let made = try await stackjob.shell(
      "kubectl kustomize \(Self.repository)/_kustomize/overlays/\(name) > \(path)"
    )
    #expect(made.exit.isSuccess, "\(made.stderr)")
    return path
  }

  private func run(
    _ stackjob: Product,
    _ verb: String,
    _ manifest: String,
    _ more: String...
  ) async throws -> JSONValue {
    let arguments =
      [verb, manifest, "--sandbox", "--output", "json"] + Self.references
      + (more.contains("--image") ? [] : ["--image", "shop/web:1.0"]) + more
    let result = try await stackjob.run(arguments)
    expect(result, .done)
    return try result.job()
  }

  private func actions(_ job: JSONValue) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: (job["changes"]?.array ?? []).map {
        ($0["address"]?.string ?? "", $0["action"]?.string ?? "")
      }
    )
  }

  @Test func `a service is planned, applied, changed, drifted and destroyed`() async throws {
    try await Product.run { stackjob in
      let manifest = try await overlay("prod", in: stackjob)
      let plan = try await run(stackjob, "plan", manifest)
      #expect(plan["sandbox"] == true)
      #expect(plan["target"]?.string == "sandbox")
      #expect(actions(plan).count == 7)

      let applied = try await run(stackjob, "apply", manifest, "--auto-approve")
      #expect(
        applied["outputs"]?["kube_endpoint"]?.string == "my-service.my-service-app-prod.svc.cluster.local"
      )
      #expect(try await run(stackjob, "plan", manifest)["has_changes"] == false)
      #expect(try await run(stackjob, "drift", manifest)["drift"]?.array == [])

      let deployment = "kubernetes_deployment_v1.this"
      let changes: [([String], [String: String])] = [
        (["--image", "shop/web:2.0"], [deployment: "update"]),
        (["--set", "spec.container.app.env.variables.LOG_LEVEL=debug"], [deployment: "update"]),
        (
          ["--set", "spec.container.app.env.secrets.DATABASE_PASSWORD=another-value"],
          [deployment: "update", "kubernetes_secret_v1.this[\"my-service-env-secrets\"]": "update"]
        ),
        (
          ["--set", "spec.availability.minReplicas=4"],
          ["kubernetes_horizontal_pod_autoscaler_v2.this[0]": "update"]
        ),
        (["--set", "spec.ingress.enabled=false"], ["kubernetes_ingress_v1.this[\"external\"]": "delete"]),
      ]
      for (change, expected) in changes {
        let arguments =
          ["plan", manifest, "--sandbox", "--output", "json"] + Self.references
          + (change.contains("--image") ? [] : ["--image", "shop/web:1.0"]) + change
        let result = try await stackjob.run(arguments)
        expect(result, .done)
        #expect(actions(try result.job()) == expected, "\(change)")
      }

      let faults =
        #"[{"do":"change","type":"kubernetes_deployment_v1","values":{"spec.0.min_ready_seconds":7}}]"#
      let drifted = try await stackjob.run(
        ["drift", manifest, "--sandbox", "--output", "json", "--image", "shop/web:1.0"] + Self.references,
        environment: ["STACKJOB_SANDBOX_FAULTS": faults]
      )
      #expect(try drifted.job()["drift"]?[0]?["address"]?.string == deployment)

      // Without an image: nothing is deployed.
      let gone = try await stackjob.run(
        ["destroy", manifest, "--sandbox", "--output", "json", "--auto-approve"] + Self.references
      )
      expect(gone, .done)
      let destroyed = try gone.job()
      #expect(destroyed["applied"]?["remove"]?.int == 7)
      for (path, bytes) in try stackjob.everything() where !path.contains("/mirror-") {
        #expect(
          !String(decoding: bytes, as: UTF8.self).contains("another-value") || path.contains("output of")
        )
      }
    }
  }

  @Test func `what is played and what is real have nothing in common`() async throws {
    try await Product.run { stackjob in
      let manifest = try await overlay("prod", in: stackjob)
      for verb in ["drift", "refresh"] {
        let early = try await stackjob.run([verb, manifest, "--sandbox"] + Self.references)
        expect(early, .badData)
        #expect(early.stdout.contains("The stack has no state"))
      }
      _ = try await run(stackjob, "apply", manifest, "--auto-approve")
      let real = try await stackjob.run(["outputs", manifest])
      expect(real, .badData)
      #expect(real.stderr.contains("state.none"), "\(real.stderr)")
      #expect(!LocalFiles.exists("\(stackjob.stateHome)/stacks"))
    }
  }

  @Test func `a job without a cluster begins nothing`() async throws {
    try await Product.run { stackjob in
      let manifest = try await overlay("prod", in: stackjob)
      let result = try await stackjob.run(
        ["apply", manifest, "--auto-approve", "--image", "shop/web:1"] + Self.references,
        environment: ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]
      )
      expect(result, .badData)
      #expect(result.stderr.contains("cluster.none"))
      #expect(!LocalFiles.exists("\(stackjob.stateHome)/stacks"))
    }
  }

  @Test func `a real job names its cluster first, and its kubeconfig is gone afterwards`() async throws {
    try await Product.run { stackjob in
      let manifest = try await overlay("prod", in: stackjob)
      let kubeconfig = try stackjob.file(
        "kubeconfig",
        """
        current-context: prod
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
        contexts: [{name: prod, context: {cluster: c, user: u}}]
        users: [{name: u, user: {token: planted-token-5d21}}]

        """
      )
      // The played provider takes the real one's place; it is told of a real cluster all the same.
      expect(try await stackjob("sandbox", "install", "mirror"), .done)
      let seen = try await stackjob.run(
        ["apply", manifest, "--auto-approve", "--image", "shop/web:1", "--output", "ndjson"]
          + Self.references,
        environment: [
          "KUBECONFIG": kubeconfig, "STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror",
          "KUBE_TOKEN": "of-another-cluster",
        ]
      )
      expect(seen, .done)
      let events = try seen.events()
      let types = events.compactMap { $0["type"]?.string }
      let selected = try #require(events.first { $0["type"] == "provider.selected" })
      #expect(selected["target"]?.string == "https://127.0.0.1:1")
      #expect(selected["context"]?.string == "prod")
      let first = try #require(types.firstIndex(of: "tool.started"))
      #expect(try #require(types.firstIndex(of: "provider.selected")) < first)
      for (path, bytes) in try stackjob.everything() where path != kubeconfig && !path.contains("/mirror/") {
        #expect(!String(decoding: bytes, as: UTF8.self).contains("planted-token-5d21"), "\(path)")
      }

      // The same stack on another cluster is refused, until it is said aloud.
      let other = try String(decoding: LocalFiles.read(kubeconfig), as: UTF8.self)
        .replacing("127.0.0.1:1", with: "127.0.0.2:1")
      let elsewhere = try stackjob.file("elsewhere", other)
      let arguments =
        ["plan", manifest, "--image", "shop/web:1", "--kubeconfig", elsewhere] + Self.references
      let mirror = ["STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror"]
      let refused = try await stackjob.run(arguments, environment: mirror)
      expect(refused, .badData)
      #expect(refused.stdout.contains("https://127.0.0.2:1"))
      expect(try await stackjob.run(arguments + ["--allow-other-cluster"], environment: mirror), .done)
    }
  }

  @Test func `a kept plan goes to its own cluster or nowhere`() async throws {
    try await Product.run { stackjob in
      let manifest = try await overlay("prod", in: stackjob)
      expect(try await stackjob("sandbox", "install", "mirror"), .done)
      func kubeconfig(_ server: String) throws -> String {
        try stackjob.file(
          "config-\(server)",
          """
          {"current-context": "x", "clusters": [{"name": "c", "cluster": {"server": "https://\(server)"}}],
           "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
           "users": [{"name": "u", "user": {"token": "t0ken-value"}}]}
          """
        )
      }
      let mirror = ["STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror"]
      let common = [manifest, "--image", "shop/web:1"] + Self.references
      let (here, there) = (try kubeconfig("127.0.0.1:1"), try kubeconfig("127.0.0.2:1"))
      expect(
        try await stackjob.run(
          ["plan", "--out", "kept", "--kubeconfig", here] + common,
          environment: mirror
        ),
        .done
      )
      let refused = try await stackjob.run(
        ["apply", "--plan", "kept", "--kubeconfig", there] + common,
        environment: mirror
      )
      expect(refused, .badData)
      #expect(refused.stderr.contains("the cluster"))
      expect(
        try await stackjob.run(
          ["apply", "--plan", "kept", "--kubeconfig", here] + common,
          environment: mirror
        ),
        .done
      )
    }
  }
}
