import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

/// `stackjob status` with the real kubectl, against an API that is served over TLS to the bearer of a token.
@Suite(.needsKubectl, .timeLimit(.minutes(20))) struct KubernetesStatusTests {
  private static let manifest = """
    apiVersion: kubernetes.project-planton.org/v1
    kind: MicroserviceKubernetes
    metadata: {name: web, org: shop, env: prod}
    spec:
      namespace: shop
      container:
        app:
          image: {repo: shop/web, tag: "1.4.2"}
          ports: [{name: http, containerPort: 8080, servicePort: 80}]

    """
  private static let deploymentPath = "/apis/apps/v1/namespaces/shop/deployments/web"

  /// A Deployment of which so many of two replicas are ready.
  private static func deployment(ready: Int, condition: JSONValue? = nil) -> JSONValue {
    [
      "metadata": [
        "name": "web", "namespace": "shop", "generation": 1,
        "annotations": ["deployment.kubernetes.io/revision": "3"],
      ], "spec": ["replicas": 2],
      "status": [
        "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": .int(ready),
        "availableReplicas": .int(ready), "conditions": .array([condition].compactMap { $0 }),
      ],
    ]
  }

  private static let timedOut: JSONValue = [
    "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
    "message": "ReplicaSet \"web-7d4\" has timed out progressing.",
  ]

  private static func objects(_ deployment: JSONValue) -> JSONValue {
    [
      deploymentPath: deployment,
      "/api/v1/namespaces/shop/services/web": [
        "metadata": ["name": "web", "namespace": "shop"],
        "spec": ["type": "ClusterIP", "ports": [["port": 80]]],
      ],
      "/api/v1/namespaces/shop/pods/web-1": [
        "metadata": ["name": "web-1", "uid": "1", "labels": ["stackjob.dev/service": "web"]],
        "status": [
          "phase": "Running", "conditions": [["type": "Ready", "status": "False"]],
          "containerStatuses": [
            [
              "name": "app", "ready": false, "restartCount": 4,
              "state": ["waiting": ["reason": "CrashLoopBackOff"]],
              "lastState": ["terminated": ["exitCode": 137, "reason": "OOMKilled"]],
            ]
          ],
        ],
      ],
      "/api/v1/namespaces/shop/pods/other-1": [
        "metadata": ["name": "other-1", "labels": ["stackjob.dev/service": "other"]],
        "status": ["phase": "Failed", "reason": "Evicted"],
      ],
      "/api/v1/namespaces/shop/events/1": [
        "type": "Warning", "reason": "BackOff", "message": "Back-off restarting failed container",
        "involvedObject": ["kind": "Pod", "name": "web-1", "uid": "1"],
      ],
    ]
  }

  @Test func `a job tells of the pods of a failed roll-out, and its next plan does not call that done`()
    async throws
  {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 1)))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        // The provider is played, and made to fail as the real one does; the cluster is asked for real.
        expect(try await stackjob("sandbox", "install", "mirror"), .done)
        let played = [
          "STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror",
          "STACKJOB_SANDBOX_STATE": "\(stackjob.folder)/world.json",
          "STACKJOB_CONFIG": try stackjob.file("settings.yaml", "passEnv: [STACKJOB_SANDBOX_*]\n"),
        ]
        expect(try await stackjob("apply", manifest, "--auto-approve", environment: played), .done)
        let faults = #"""
          [{"do": "fail", "type": "kubernetes_deployment_v1", "keep": true,
            "summary": "Waiting for rollout to finish: 1 out of 2 new replicas have been updated..."}]
          """#
        let failed = try await stackjob(
          "apply",
          manifest,
          "--image",
          "shop/web:2",
          "--auto-approve",
          "--output",
          "json",
          environment: played.merging(["STACKJOB_SANDBOX_FAULTS": faults]) { $1 }
        )
        expect(failed, .failed)
        let told = try failed.job()["diagnostics"]?.array?.compactMap { $0["summary"]?.string } ?? []
        #expect(told.contains { $0.contains("Waiting for rollout") })
        #expect(told.contains { $0.contains("pod web-1: container app: CrashLoopBackOff") })

        let again = try await stackjob("plan", manifest, "--image", "shop/web:2", environment: played)
        expect(again, .done)
        #expect(again.stdout.contains("No changes"))
        #expect(again.stdout.contains("CrashLoopBackOff"))
        let apply = [
          "apply", manifest, "--image", "shop/web:2", "--auto-approve", "--output", "json",
        ]
        try cluster.put([Self.deploymentPath: Self.deployment(ready: 1, condition: Self.timedOut)])
        let unchanged = try await stackjob.run(apply, environment: played)
        expect(unchanged, .failed)
        #expect(try unchanged.job()["reason"]?.string?.contains("the service does not run") == true)

        try cluster.put([
          Self.deploymentPath: Self.deployment(ready: 2), "/api/v1/namespaces/shop/pods/web-1": nil,
        ])
        expect(try await stackjob.run(apply, environment: played), .done)
      }
    }
  }

  @Test func `an apply that waits for a roll-out tells how far it is`() async throws {
    try await LocalCluster.run { cluster in
      var rolling = Self.deployment(ready: 1)
      if case .object(var object) = rolling, case .object(var status) = object["status"] {
        status["updatedReplicas"] = 1
        object["status"] = .object(status)
        rolling = .object(object)
      }
      try cluster.put(Self.objects(rolling))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        expect(try await stackjob("sandbox", "install", "mirror"), .done)
        let result = try await stackjob.run(
          ["apply", manifest, "--auto-approve", "--output", "ndjson"],
          environment: [
            "STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror",
            "STACKJOB_CONFIG": try stackjob.file("settings.yaml", "passEnv: [STACKJOB_SANDBOX_*]\n"),
            "STACKJOB_SANDBOX_FAULTS":
              #"[{"do": "slow", "type": "kubernetes_deployment_v1", "seconds": 12}]"#,
          ]
        )
        expect(result, .done)
        let told = try result.events().filter { $0["type"] == "rollout.progress" }
        #expect(told.count == 1, "the numbers do not change")
        #expect(told.first?["subject"] == "deployment shop/web")
        #expect(told.first?["updated"] == 1)
        #expect(told.first?["desired"] == 2)
      }
    }
  }

  @Test func `a kept plan that would undo autoscaling is refused`() async throws {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 2)))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file(
          "service.yaml",
          Self.manifest + """
              availability: {minReplicas: 2, horizontalPodAutoscaling: {isEnabled: true, maxReplicas: 8}}

            """
        )
        expect(try await stackjob("sandbox", "install", "mirror"), .done)
        let played = [
          "STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/mirror",
          "STACKJOB_SANDBOX_STATE": "\(stackjob.folder)/world.json",
          "STACKJOB_CONFIG": try stackjob.file("settings.yaml", "passEnv: [STACKJOB_SANDBOX_*]\n"),
        ]
        expect(try await stackjob("apply", manifest, "--auto-approve", environment: played), .done)
        let change = [manifest, "--image", "shop/web:2"]
        expect(try await stackjob.run(["plan", "--out", "kept"] + change, environment: played), .done)

        var scaled = Self.deployment(ready: 2)
        if case .object(var object) = scaled {
          object["spec"] = ["replicas": 6]
          scaled = .object(object)
        }
        try cluster.put([Self.deploymentPath: scaled])
        let refused = try await stackjob.run(["apply", "--plan", "kept"] + change, environment: played)
        expect(refused, .badData)
        #expect(refused.stdout.contains("has 6 now and had 2"))

        try cluster.put([Self.deploymentPath: Self.deployment(ready: 2)])
        expect(try await stackjob.run(["apply", "--plan", "kept"] + change, environment: played), .done)
      }
    }
  }

  @Test func `a service is asked about with the credentials of the run, and nothing of them is left`()
    async throws
  {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 1)))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        try LocalFiles.makeFolder("\(stackjob.folder)/temporary")
        let temporary = ["TMPDIR": "\(stackjob.folder)/temporary"]
        let unready = try await stackjob("status", manifest, "--output", "json", environment: temporary)
        expect(unready, .failed)
        let document = try unready.document()
        #expect(document["stack"] == "shop/prod/MicroserviceKubernetes/web")
        #expect(document["health"] == "progressing")
        #expect(document["notes"] == [])
        #expect(document["problems"]?.array?.count == 1)
        #expect(document["problems"]?[0]?["subject"] == "pod web-1")
        #expect(document["problems"]?[0]?["events"]?[0]?["reason"] == "BackOff")

        try cluster.put([Self.deploymentPath: Self.deployment(ready: 2)])
        let ready = try await stackjob("status", manifest, environment: temporary)
        expect(ready, .done)
        #expect(ready.stdout.contains("✓ healthy"))
        #expect(ready.stdout.contains("web.shop.svc.cluster.local:80"))
        #expect(try LocalFiles.list("\(stackjob.folder)/temporary") == [])
        for (path, bytes) in try stackjob.everything() {
          #expect(!bytes.contains(cluster.token.utf8), "\(path) has the token")
        }
      }
    }
  }

  @Test func `a kubeconfig and its context can be named`() async throws {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 2)))
      try await Product.run { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        _ = try stackjob.file("kube.json", cluster.kubeconfig)
        let named = ["status", manifest, "--kubeconfig", "kube.json"]
        let refused = try await stackjob.run(named)
        expect(refused, .credentials)
        #expect(refused.stderr.contains("platform.credentials"))
        expect(try await stackjob.run(named + ["--context", "known"]), .done)
        expect(try await stackjob.run(named + ["--context", "none"]), .badData)
        let listed = ["KUBECONFIG": "none.json:kube.json", "KUBE_CTX": "known"]
        expect(try await stackjob("status", manifest, environment: listed), .done)
      }
    }
  }

  @Test func `what keeps a service from being asked about has its own exit code`() async throws {
    try await LocalCluster.run { cluster in
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        let absent = try await stackjob("status", manifest)
        expect(absent, .badData)
        #expect(absent.stderr.contains("there is no Deployment web in the namespace shop"))
        #expect(absent.stderr.contains("apply it first"))

        let away = try await stackjob("status", manifest, environment: ["KUBE_HOST": "https://127.0.0.1:1"])
        expect(away, .unavailable)
        #expect(away.stderr.contains("platform.unavailable"))

        let untrusted = try await stackjob("status", manifest, environment: ["KUBE_CLUSTER_CA_CERT_DATA": ""])
        expect(untrusted, .unavailable)

        try LocalFiles.makeFolder("\(stackjob.folder)/empty")
        let toolless = try await stackjob(
          "status",
          manifest,
          environment: ["PATH": "\(stackjob.folder)/empty"]
        )
        expect(toolless, .unavailable)
        #expect(toolless.stderr.contains("install kubectl"))

        let nowhere = try await stackjob("status", manifest, environment: ["KUBE_HOST": ""])
        expect(nowhere, .badData)
        #expect(nowhere.stderr.contains("[cluster.none]"))
        let document = try await stackjob("status", manifest, "-o", "json", environment: ["KUBE_HOST": ""])
        #expect(try document.document()["diagnostics"]?[0]?["code"] == "cluster.none")

        let bad = try stackjob.file(
          "bad.yaml",
          Self.manifest.replacing("namespace: shop", with: "namespace: Sh_op")
        )
        expect(try await stackjob("status", bad), .badData)
        expect(try await stackjob("status", manifest, "--timeout", "0"), .usage)
      }
    }
  }

  @Test func `a watch ends by itself once the service is ready, and tells what changed on the way`()
    async throws
  {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 1)))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        let result = try await stackjob(
          "status",
          manifest,
          "--until-ready",
          when: { line in
            guard line.contains("1 ready") else { return }
            do { try cluster.put([Self.deploymentPath: Self.deployment(ready: 2)]) } catch {
              Issue.record(error)
            }
          }
        )
        expect(result, .done)
        let lines = result.stdout.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("pod web-1: container app: CrashLoopBackOff") == true)
        #expect(lines.last?.contains("healthy") == true)
      }
    }
  }

  @Test func `a watch ends with 1 when the roll-out fails, and when the time is over`() async throws {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 1)))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        let late = try await stackjob("status", manifest, "--until-ready", "--timeout", "5")
        expect(late, .failed)
        #expect(late.stderr.contains("status.timeout"))
        try cluster.put([Self.deploymentPath: Self.deployment(ready: 1, condition: Self.timedOut)])
        let failed = try await stackjob("status", manifest, "--until-ready", "--output", "json")
        expect(failed, .failed)
        #expect(try failed.document()["rollout"]?["state"] == "failed")
      }
    }
  }

  @Test func `Ctrl-C ends a watch with 130 and leaves no kubeconfig`() async throws {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 2)))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        try LocalFiles.makeFolder("\(stackjob.folder)/temporary")
        let stop = StopSwitch()
        let result = try await stackjob(
          "status",
          manifest,
          "--watch",
          environment: ["TMPDIR": "\(stackjob.folder)/temporary"],
          stop: stop,
          when: { _ in stop.requestStop() }
        )
        expect(result, .cancelled)
        #expect(try LocalFiles.list("\(stackjob.folder)/temporary") == [])
      }
    }
  }

  @Test func `a watch that nobody reads any more ends`() async throws {
    try await LocalCluster.run { cluster in
      try cluster.put(Self.objects(Self.deployment(ready: 2)))
      try await Product.run(environment: cluster.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", Self.manifest)
        let result = try await stackjob.shell(
          #"{ "$0" status '\#(manifest)' --watch; echo "ended $?" >&2; } | head -n 1"#
        )
        #expect(result.stdout.contains("healthy"))
        #expect(result.stderr.contains("ended 0"))
      }
    }
  }
}
