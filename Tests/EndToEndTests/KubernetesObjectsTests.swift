import LocalFiles
import StackModel
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// The objects that a service on Kubernetes is planned as, held against the Kubernetes API's own rules.
///
/// `scripts/check-kubernetes` turns a plan into objects and checks them; here it gets every plan there is,
/// and plans with one thing wrong, each of which it has to find.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct KubernetesObjectsTests {
  @Test func `every planned object is one that Kubernetes takes`() async throws {
    try await KubernetesPlans.run { kubernetes in
      var plans: [String: JSONValue] = [:]
      for manifest in try KubernetesPlans.manifests() {
        plans[manifest.name] = try await kubernetes.plan(manifest.name, manifest.path)
      }
      #expect(plans.count > 7)
      #expect(try await kubernetes.check(plans) == [:])
      for name in ["autoscaled-web", "later-shape", "minimal"] {
        try Self.expect(try #require(plans[name]), equals: name)
      }
    }
  }

  @Test(.needsKubectl)
  func `every overlay of the example service is one that Kubernetes takes`() async throws {
    try await KubernetesPlans.run { kubernetes in
      let overlays = "\(Project.root)/examples/k8s-service/_kustomize/overlays"
      var plans: [String: JSONValue] = [:]
      for overlay in try LocalFiles.list(overlays) {
        let kubectl = try #require(ExecutableFinder.find("kubectl", path: Project.path))
        let built = try await kubernetes.stackjob.run(
          ["kustomize", "\(overlays)/\(overlay)"],
          executable: kubectl
        )
        let manifest = try kubernetes.stackjob.file("overlays/\(overlay).yaml", built.stdout)
        plans[overlay] = try await kubernetes.plan(overlay, manifest)
      }
      #expect(plans.count == 3)
      #expect(try await kubernetes.check(plans) == [:])
    }
  }

  @Test func `another version changes a service in place and nothing that cannot change`() async throws {
    try await KubernetesPlans.run { kubernetes in
      let manifest = try KubernetesPlans.manifest("most-blocks")
      let first = try await kubernetes.render("most-blocks", manifest)
      try await first("init", "-input=false")
      try await first("apply", "-input=false", "-auto-approve")
      let next = try await kubernetes.render("most-blocks", manifest, "--version-tag", "review-18")
      let plan = try await next.planJSON()
      let actions = PlanDocument(plan).actions
      #expect(actions["kubernetes_deployment_v1.this"] == ["update"])
      #expect(actions.values.allSatisfy { $0 == ["update"] })
      #expect(try await kubernetes.check(["plan": plan]) == [:])

      let changes = try #require(plan["resource_changes"]?.array)
      let index = try #require(changes.firstIndex { $0["address"] == "kubernetes_deployment_v1.this" })
      let selector: [JSONValue] = [
        "resource_changes", .int(index), "change", "after", "spec", 0, "selector", 0, "match_labels",
      ]
      let moved = plan.replacing(selector[...], with: ["app": "other"])
      #expect(
        try await kubernetes.check(["moved": moved]) == [
          "moved": ["Deployment shop: spec.selector cannot change in place"]
        ]
      )
    }
  }

  @Test func `what Kubernetes would refuse is found`() async throws {
    try await KubernetesPlans.run { kubernetes in
      let plan = try await kubernetes.plan("most-blocks", try KubernetesPlans.manifest("most-blocks"))
      let resources = try #require(plan["planned_values"]?["root_module"]?["resources"]?.array)
      var plans: [String: JSONValue] = [:]
      for (number, fault) in Self.faults.enumerated() {
        let address = "kubernetes_\(fault.resource)"
        let index = try #require(
          resources.firstIndex { $0["address"]?.string?.hasPrefix(address) == true },
          "\(address)"
        )
        let place: [JSONValue] = ["planned_values", "root_module", "resources", .int(index), "values"]
        plans["\(number)"] = plan.replacing((place + fault.place)[...], with: fault.value)
      }
      let found = try await kubernetes.check(plans)
      for (number, fault) in Self.faults.enumerated() {
        let problems = found["\(number)"] ?? []
        #expect(problems.contains { $0.contains(fault.problem) }, "\(fault.problem): \(problems)")
      }
    }
  }

  private struct Fault: Sendable {
    var resource: String
    var place: [JSONValue]
    var value: JSONValue
    var problem: String

    init(_ resource: String, _ place: [JSONValue], _ value: JSONValue, _ problem: String) {
      self.resource = resource
      self.place = place
      self.value = value
      self.problem = problem
    }
  }

  private static let pod: [JSONValue] = ["spec", 0, "template", 0, "spec", 0]
  private static let container = pod + ["container", 0]
  private static let rule: [JSONValue] = ["spec", 0, "rule", 0, "http", 0, "path", 0]

  private static let faults = [
    // What the published schemas refuse.
    Fault("deployment_v1", ["spec", 0, "replicas"], "two", "'two' is not of type 'integer'"),
    Fault("deployment_v1", pod + ["host_nam"], "x", "'host_nam' was unexpected"),
    Fault("deployment_v1", container + ["name"], nil, "'name' is a required property"),
    // Names and labels.
    Fault("service_v1", ["metadata", 0, "name"], "9shop", "name '9shop' is not allowed"),
    Fault("config_map_v1", ["metadata", 0, "name"], "Shop", "name 'Shop' is not allowed"),
    Fault("service_v1", ["metadata", 0, "namespace"], "a.b", "namespace 'a.b'"),
    Fault("deployment_v1", ["metadata", 0, "labels", "team"], "a b", "label team has the value 'a b'"),
    Fault("deployment_v1", ["metadata", 0, "labels", "a/b/c"], "d", "label 'a/b/c'"),
    Fault("deployment_v1", ["metadata", 0, "annotations", "-a"], "b", "annotation '-a'"),
    Fault("secret_v1", ["metadata", 0, "name"], "shop-image-pull", "two objects of this kind and name"),
    // Pods.
    Fault(
      "deployment_v1",
      ["spec", 0, "selector", 0, "match_labels", "a"],
      "b",
      "does not match the labels"
    ),
    Fault("deployment_v1", ["spec", 0, "progress_deadline_seconds"], 5, "progressDeadlineSeconds"),
    Fault(
      "deployment_v1",
      ["spec", 0, "strategy", 0, "rolling_update"],
      [["max_surge": "0", "max_unavailable": "0%"]],
      "are both 0"
    ),
    Fault("deployment_v1", pod + ["container", 1, "name"], "shop", "two containers or volumes"),
    Fault("deployment_v1", pod + ["volume", 0, "name"], "other", "mount of 'shared'"),
    Fault("deployment_v1", pod + ["volume", 0, "nfs"], [["server": "a", "path": "/"]], "has 2 sources"),
    Fault("deployment_v1", pod + ["toleration", 0, "toleration_seconds"], "3", "needs NoExecute"),
    Fault("deployment_v1", container + ["port", 0, "container_port"], 70000, "containerPort 70000"),
    Fault("deployment_v1", container + ["port", 0, "container_port"], 8443, "port (8443, 'TCP')"),
    Fault("deployment_v1", container + ["port", 1, "name"], "http", "two ports of the pod"),
    Fault("deployment_v1", container + ["port", 1, "name"], "a-name-that-is-long", "port name"),
    Fault("deployment_v1", container + ["env", 0, "name"], "A=B", "variable 'A=B'"),
    Fault("deployment_v1", container + ["env", 1, "name"], "A_KEY", "variable A_KEY is there twice"),
    Fault("deployment_v1", container + ["env", 0, "value"], "b", "variable A_KEY has no single source"),
    Fault(
      "deployment_v1",
      container + ["volume_mount", 0, "mount_path"],
      "/shared",
      "two mounts at /shared"
    ),
    Fault("deployment_v1", container + ["liveness_probe", 0, "exec"], [], "livenessProbe has 0 handlers"),
    Fault(
      "deployment_v1",
      container + ["liveness_probe", 0, "tcp_socket"],
      [["port": "80"]],
      "livenessProbe has 2 handlers"
    ),
    Fault("deployment_v1", container + ["startup_probe", 0, "success_threshold"], 2, "successThreshold"),
    Fault(
      "deployment_v1",
      container + ["readiness_probe", 0, "http_get", 0, "port"],
      "nowhere",
      "no port 'nowhere'"
    ),
    Fault("deployment_v1", container + ["resources", 0, "requests", "cpu"], "2", "requests more cpu"),
    Fault("deployment_v1", container + ["resources", 0, "limits", "memory"], "1GB", "is no quantity"),
    Fault(
      "deployment_v1",
      container + ["security_context", 0, "privileged"],
      true,
      "is privileged and may not escalate"
    ),
    // What leads to the pods.
    Fault("service_v1", ["spec", 0, "port", 0, "target_port"], "8099", "leads to 8099/TCP"),
    Fault("service_v1", ["spec", 0, "port", 1, "port"], 80, "port (80, 'TCP') is there twice"),
    Fault("service_v1", ["spec", 0, "port", 1, "name"], "http", "two ports are called 'http'"),
    Fault("service_v1", ["spec", 0, "selector"], ["app": "other"], "selects no pods"),
    Fault("service_v1", ["spec", 0, "type"], "ClusterIP", "externalTrafficPolicy needs"),
    Fault("ingress_v1", rule + ["backend", 0, "service", 0, "port", 0, "number"], 82, "leads to shop:82"),
    Fault("ingress_v1", rule + ["backend", 0, "service", 0, "name"], "other", "leads to other:80"),
    Fault("ingress_v1", rule + ["path"], "api", "path 'api'"),
    Fault("ingress_v1", rule + ["path_type"], "Regex", "pathType 'Regex'"),
    Fault("ingress_v1", ["spec", 0, "rule", 0, "host"], "a_b.example.com", "host 'a_b.example.com'"),
    Fault(
      "network_policy_v1",
      ["spec", 0, "ingress", 0, "ports", 1, "end_port"],
      7000,
      "endPort 7000 for port 8000"
    ),
    Fault(
      "network_policy_v1",
      ["spec", 0, "ingress", 1, "from", 0, "ip_block", 0, "except"],
      ["11.0.0.0/8"],
      "11.0.0.0/8 is no part of 10.0.0.0/8"
    ),
    Fault("network_policy_v1", ["spec", 0, "policy_types"], ["Ingress"], "with rules for"),
    // How many there are.
    Fault("horizontal_pod_autoscaler_v2", ["spec", 0, "max_replicas"], 1, "minReplicas 2, maxReplicas 1"),
    Fault(
      "horizontal_pod_autoscaler_v2",
      ["spec", 0, "scale_target_ref", 0, "name"],
      "other",
      "is not there"
    ),
    Fault(
      "horizontal_pod_autoscaler_v2",
      ["spec", 0, "metric", 1, "container_resource", 0, "name"],
      "gpu",
      "shop does not request"
    ),
    Fault(
      "pod_disruption_budget_v1",
      ["spec", 0, "max_unavailable"],
      "1",
      "minAvailable and maxUnavailable"
    ),
    Fault(
      "pod_disruption_budget_v1",
      ["spec", 0, "min_available"],
      "half",
      "minAvailable and maxUnavailable"
    ),
    // What pods read.
    Fault("config_map_v1", ["data", "a b"], "c", "key 'a b'"),
    Fault(
      "deployment_v1",
      pod + ["volume", 1, "config_map", 0, "items", 0, "key"],
      "other",
      "shop-shop.yaml has no 'other'"
    ),
  ]

  // MARK: Golden plans

  private static let updatesGolden = getenv("STACKJOB_UPDATE_GOLDEN").map { String(cString: $0) } == "1"

  /// Holds a plan against its golden file, whole but for the time, the versions, and the module itself.
  /// `STACKJOB_UPDATE_GOLDEN=1` writes the file anew.
  private static func expect(_ plan: JSONValue, equals name: String) throws {
    let passing: Set = ["configuration", "format_version", "terraform_version", "timestamp"]
    var members = JSONObject((plan.object?.members ?? []).filter { !passing.contains($0.key) })
    // These come in another order each time.
    let relevant = (members["relevant_attributes"]?.array ?? []).map(\.sorted)
    members["relevant_attributes"] = .array(relevant.sorted { $0.text() < $1.text() })
    let actual = JSONValue.object(members).sorted
    let path = "\(Project.root)/Tests/Fixtures/MicroserviceKubernetes/plans/\(name).json"
    if updatesGolden {
      try LocalFiles.makeFolder(LocalFiles.parent(of: path), mode: 0o755)
      try LocalFiles.replace(path, with: Array((actual.text(.pretty) + "\n").utf8), mode: 0o644)
    }
    let golden = LocalFiles.text(path).flatMap { try? JSONValue(parsing: $0) }
    #expect(golden == actual, "\(name).json differs; STACKJOB_UPDATE_GOLDEN=1 writes it anew")
  }
}
