import LocalFiles
import StackModel
import Testing
import ToolProcess

/// One after another: each starts Terraform several times, and a start is most of what they cost.
@Suite(
  "Kubernetes in the sandbox, with the real Terraform",
  .serialized,
  .enabled(if: !SandboxedTerraform.isMissing, "needs terraform")
)
struct KubernetesSandboxTests {
  @Test("A service is made, found unchanged, changed, replaced and removed", arguments: ["5", "6"])
  func wholeLife(version: String) async throws {
    try await SandboxedTerraform.run("kubernetes.tf") { terraform in
      let environment = ["STACKJOB_SANDBOX_PROTOCOL": version]
      try await terraform("init", "-input=false", environment: environment)
      let first = try await terraform.plan(environment: environment)
      #expect(first.count == 8)
      #expect(first.values.allSatisfy { $0 == ["create"] })

      let applied = try await terraform("apply", "-input=false", "plan", environment: environment)
      #expect(applied.output.contains("Sandbox: nothing here is real"))
      #expect(try await terraform.plan(environment: environment) == [:])

      let image = try await terraform.plan("image=registry.example.com/web:2.0.0", environment: environment)
      #expect(image == ["kubernetes_deployment_v1.this": ["update"]])
      try await terraform("apply", "-input=false", "plan", environment: environment)
      let name = try await terraform.plan("name=other", environment: environment)
      #expect(name["kubernetes_service_v1.this"] == ["delete", "create"])

      try await terraform("destroy", "-input=false", "-auto-approve", environment: environment)
      let left = try terraform.world()["resources"]?["kubernetes"]?.object?.members ?? []
      #expect(left.allSatisfy { $0.value == [:] })
      #expect(try LocalFiles.list("\(terraform.folder)/sockets").isEmpty, "a socket was left behind")
    }
  }

  @Test("A write-only secret is in no file, and its revision alone is a change")
  func writeOnly() async throws {
    try await SandboxedTerraform.run("kubernetes.tf") { terraform in
      try await terraform("init", "-input=false")
      try await terraform("apply", "-input=false", "-auto-approve")
      for file in ["world.json", "terraform.tfstate"] {
        #expect(!(LocalFiles.text("\(terraform.folder)/\(file)") ?? "").contains("hunter2"))
      }
      #expect(try await terraform.plan("revision=2") == ["kubernetes_secret_v1.this": ["update"]])
    }
  }

  @Test("What somebody else changed or removed is seen")
  func drift() async throws {
    try await SandboxedTerraform.run("kubernetes.tf") { terraform in
      try await terraform("init", "-input=false")
      try await terraform("apply", "-input=false", "-auto-approve")
      let faults = #"""
        [{"do": "change", "type": "kubernetes_service_v1", "values": {"spec.0.port.0.port": 8081}},
         {"do": "forget", "type": "kubernetes_network_policy_v1"}]
        """#
      let planned = try await terraform.plan(environment: ["STACKJOB_SANDBOX_FAULTS": faults])
      #expect(
        planned == [
          "kubernetes_service_v1.this": ["update"], "kubernetes_network_policy_v1.this": ["create"],
        ]
      )
    }
  }

  @Test("A failure names its attribute, and a create that half succeeded is replaced")
  func failure() async throws {
    try await SandboxedTerraform.run("kubernetes.tf") { terraform in
      try await terraform("init", "-input=false")
      let fault = #"""
        {"do": "fail", "type": "kubernetes_deployment_v1", "keep": true, "path": ["spec", 0, "replicas"],
         "summary": "Waiting for rollout to finish: 1 replicas wanted; 0 replicas Ready"}
        """#
      let failed = try await terraform(
        "apply",
        "-input=false",
        "-auto-approve",
        "-json",
        environment: ["STACKJOB_SANDBOX_FAULTS": fault],
        expecting: 1
      )
      #expect(failed.output.contains("0 replicas Ready"))
      let planned = try await terraform.plan()
      #expect(planned["kubernetes_deployment_v1.this"] == ["delete", "create"])
    }
  }

  @Test("A crash in the middle of an apply loses nothing that was made")
  func crash() async throws {
    try await SandboxedTerraform.run("kubernetes.tf") { terraform in
      try await terraform("init", "-input=false")
      let crashed = try await terraform(
        "apply",
        "-input=false",
        "-auto-approve",
        // One at a time: a call that the crash cuts off in mid-air may have made its resource.
        "-parallelism=1",
        environment: ["STACKJOB_SANDBOX_FAULTS": #"{"do": "crash", "type": "kubernetes_deployment_v1"}"#],
        expecting: 1
      )
      #expect(crashed.output.contains("plugin crashed"))
      try await terraform("apply", "-input=false", "-auto-approve")
      #expect(try await terraform.plan() == [:])
    }
  }

  @Test("A provider that hangs ends when Terraform is interrupted")
  func hang() async throws {
    try await SandboxedTerraform.run("kubernetes.tf") { terraform in
      try await terraform("init", "-input=false")
      let stop = StopSwitch()
      let stopped = try await terraform(
        "apply",
        "-input=false",
        "-auto-approve",
        "-no-color",
        environment: ["STACKJOB_SANDBOX_FAULTS": #"{"do": "hang", "type": "kubernetes_deployment_v1"}"#],
        expecting: 1,
        stop: stop,
        // Terraform says "Creating" before it calls the provider; stopped in between it does not call at all.
        when: { if $0.contains("kubernetes_deployment_v1.this: Still creating") { stop.requestStop() } }
      )
      #expect(stopped.output.contains("The operation was canceled"), "\(stopped.output.suffix(1500))")
    }
  }

  @Test("Data sources find what the sandbox holds, and import finds it again")
  func readingBack() async throws {
    try await SandboxedTerraform.run("kubernetes.tf") { terraform in
      try await terraform("init", "-input=false")
      try await terraform("apply", "-input=false", "-auto-approve")
      try await terraform("state", "rm", "kubernetes_service_v1.this")
      let twice = try await terraform("apply", "-input=false", "-auto-approve", expecting: 1)
      #expect(twice.output.contains("services \"web\" already exists"))
      let wrong = try await terraform(
        "import",
        "-input=false",
        "kubernetes_service_v1.this",
        "web",
        expecting: 1
      )
      #expect(wrong.output.contains("expected \"namespace/name\""))
      try await terraform("import", "-input=false", "kubernetes_service_v1.this", "shop/web")
      // As with the real provider: what only Terraform knows is missing after an import.
      #expect(try await terraform.plan() == ["kubernetes_service_v1.this": ["update"]])
    }
  }
}
