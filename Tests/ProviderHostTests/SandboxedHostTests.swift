import LocalFiles
import ProviderHost
import StackModel
import Testing

@Suite(
  "Terraform behind a host, with providers of the sandbox",
  .enabled(if: !HostedTerraform.isMissing, "needs terraform")
)
struct SandboxedHostTests {
  private func fixture(_ name: String) throws -> [UInt8] {
    try LocalFiles.read("\(HostedTerraform.root)/Tests/Fixtures/sandbox/\(name)")
  }

  private func kubernetes(_ body: (HostedTerraform) async throws -> Void) async throws {
    let module = try LocalFiles.read("\(HostedTerraform.root)/Tests/Fixtures/sandbox/kubernetes.tf")
    try await HostedTerraform.sandboxed(module, [HostedTerraform.kubernetes], body: body)
  }

  /// One after the other, so that it is no chance which of them a fault finds.
  private let chain = """
    terraform {
      required_providers {
        kubernetes = { source = "hashicorp/kubernetes", version = "3.2.1" }
      }
    }
    resource "kubernetes_namespace_v1" "this" {
      metadata { name = "shop" }
    }
    resource "kubernetes_config_map_v1" "this" {
      metadata {
        name      = "web"
        namespace = kubernetes_namespace_v1.this.metadata[0].name
      }
      data = { LOG_LEVEL = "info" }
    }
    resource "kubernetes_service_v1" "this" {
      metadata {
        name      = kubernetes_config_map_v1.this.metadata[0].name
        namespace = "shop"
      }
      spec {
        port { port = 80 }
      }
    }

    """

  @Test("A whole life is the same with and without a host", arguments: ["5", "6"])
  func wholeLife(version: String) async throws {
    let environment = ["STACKJOB_SANDBOX_PROTOCOL": version]
    try await kubernetes { terraform in
      for change in [[], ["-var=image=registry.example.com/web:2.0.0"], ["-destroy"]] {
        let plan = ["plan", "-input=false", "-no-color", "-out=plan"] + change
        let planned = try await terraform.both(plan, environment: environment)
        #expect(HostedTerraform.said(planned.plain.output) == HostedTerraform.said(planned.hosted.output))
        #expect(planned.hosted.statistics.forwarded > 0 && planned.hosted.statistics.changes == 0)
        #expect(try await terraform.plan(.plain) == terraform.plan(.hosted))
        let applied = try await terraform.both(
          ["apply", "-input=false", "-no-color", "plan"],
          environment: environment
        )
        #expect(HostedTerraform.said(applied.plain.output) == HostedTerraform.said(applied.hosted.output))
        #expect(applied.hosted.statistics.changes > 0)
        #expect(try terraform.state(.plain) == terraform.state(.hosted))
      }
      let again = try await terraform.both(["validate", "-json"], environment: environment)
      #expect(again.plain.output == again.hosted.output)
      #expect(again.hosted.statistics.cacheMisses == 0 && again.hosted.statistics.providers == 0)
    }
  }

  @Test("What is moved, imported, given up, replaced and looked up is the same")
  func refactorings() async throws {
    let head = """
      terraform {
        required_providers {
          kubernetes = { source = "hashicorp/kubernetes", version = "3.2.1" }
        }
      }

      """
    func map(_ label: String, _ name: String) -> String {
      """
      resource "kubernetes_config_map_v1" "\(label)" {
        metadata {
          name      = "\(name)"
          namespace = "shop"
        }
        data = { KEY = "\(name)" }
      }

      """
    }
    let first = head + map("moved", "one") + map("given_up", "two") + map("replaced", "three")
    let second =
      head + map("arrived", "one") + map("taken_in", "two") + map("replaced", "four") + """
        moved {
          from = kubernetes_config_map_v1.moved
          to   = kubernetes_config_map_v1.arrived
        }
        removed {
          from = kubernetes_config_map_v1.given_up
          lifecycle { destroy = false }
        }
        import {
          to = kubernetes_config_map_v1.taken_in
          id = "shop/two"
        }
        data "kubernetes_config_map_v1" "looked_up" {
          metadata {
            name      = "one"
            namespace = "shop"
          }
        }
        output "found" { value = data.kubernetes_config_map_v1.looked_up.data }

        """
    try await HostedTerraform.sandboxed(Array(first.utf8), [HostedTerraform.kubernetes]) { terraform in
      for module in [first, second, second] {
        try terraform.change(to: module)
        let plan = try await terraform.both(["plan", "-input=false", "-no-color", "-out=plan"])
        #expect(HostedTerraform.said(plan.plain.output) == HostedTerraform.said(plan.hosted.output))
        #expect(try await terraform.plan(.plain) == terraform.plan(.hosted))
        try await terraform.both(["apply", "-input=false", "plan"])
        #expect(try terraform.state(.plain) == terraform.state(.hosted))
      }
      let state = try terraform.state(.hosted).text()
      #expect(state.contains("arrived") && state.contains("taken_in") && !state.contains("given_up"))
    }
  }

  @Test("Instances with two configurations have a process each, and neither sees the other's settings")
  func aliases() async throws {
    let module = """
      terraform {
        required_providers {
          aws = { source = "hashicorp/aws", version = "5.100.0" }
        }
      }
      provider "aws" { region = "us-east-1" }
      provider "aws" {
        alias  = "north"
        region = "eu-north-1"
      }
      resource "aws_ecs_cluster" "here" { name = "here" }
      resource "aws_ecs_cluster" "north" {
        provider = aws.north
        name     = "north"
      }
      output "arns" { value = [aws_ecs_cluster.here.arn, aws_ecs_cluster.north.arn] }

      """
    try await HostedTerraform.sandboxed(Array(module.utf8), [HostedTerraform.aws]) { terraform in
      let applied = try await terraform.both(["apply", "-input=false", "-auto-approve", "-no-color"])
      #expect(HostedTerraform.said(applied.plain.output) == HostedTerraform.said(applied.hosted.output))
      #expect(applied.hosted.output.contains("arn:aws:ecs:us-east-1:123456789012:cluster/here"))
      #expect(applied.hosted.output.contains("arn:aws:ecs:eu-north-1:123456789012:cluster/north"))
      #expect(try terraform.state(.plain) == terraform.state(.hosted))
      // The schema is known by now. Both are configured for the plan and again for the apply, at least.
      let changed = try await terraform.run(.hosted, ["destroy", "-auto-approve"])
      let pids = changed.events.compactMap { if case .providerStarted(_, let pid) = $0 { pid } else { nil } }
      #expect(pids.count >= 4 && Set(pids).count == pids.count && changed.statistics.cacheMisses == 0)
      // None of them is left.
      for pid in pids { #expect(!LocalFiles.exists("/proc/\(pid)")) }
    }
  }

  @Test("Several providers are served at once")
  func severalProviders() async throws {
    let module = """
      terraform {
        required_providers {
          aws        = { source = "hashicorp/aws", version = "5.100.0" }
          kubernetes = { source = "hashicorp/kubernetes", version = "3.2.1" }
        }
      }
      resource "aws_ecs_cluster" "this" { name = "web" }
      resource "kubernetes_namespace_v1" "this" {
        metadata { name = aws_ecs_cluster.this.name }
      }

      """
    let providers = [HostedTerraform.aws, HostedTerraform.kubernetes]
    try await HostedTerraform.sandboxed(Array(module.utf8), providers) { terraform in
      let applied = try await terraform.both(["apply", "-input=false", "-auto-approve", "-json"])
      #expect(
        HostedTerraform.diagnostics(applied.plain.output)
          == HostedTerraform.diagnostics(applied.hosted.output)
      )
      #expect(try terraform.state(.plain) == terraform.state(.hosted))
    }
  }

  @Test(
    "What goes wrong in a provider looks the same",
    arguments: [
      #"{"do": "fail", "type": "kubernetes_config_map_v1", "keep": true, "path": ["data"]}"#,
      #"{"do": "warn", "type": "kubernetes_config_map_v1"}"#,
      #"{"do": "fail", "when": "configure"}"#,
      #"{"do": "fail", "when": "plan", "type": "kubernetes_service_v1"}"#,
      #"{"do": "crash", "type": "kubernetes_config_map_v1"}"#,
      #"{"do": "crash", "when": "plan", "type": "kubernetes_config_map_v1"}"#,
      #"{"do": "crash", "when": "configure"}"#,
    ]
  )
  func faults(fault: String) async throws {
    try await HostedTerraform.sandboxed(Array(chain.utf8), [HostedTerraform.kubernetes]) { terraform in
      let isWarning = fault.contains("warn")
      let applied = try await terraform.both(
        ["apply", "-input=false", "-auto-approve", "-json"],
        environment: ["STACKJOB_SANDBOX_FAULTS": fault],
        expecting: isWarning ? 0 : 1
      )
      let (plain, hosted) = (
        HostedTerraform.diagnostics(applied.plain.output), HostedTerraform.diagnostics(applied.hosted.output)
      )
      #expect(
        plain.map(withoutRace) == hosted,
        "\(plain.joined(separator: "\n"))\n\n\(hosted.joined(separator: "\n"))"
      )
      #expect(!plain.isEmpty)
      if fault.contains("crash") {
        #expect(hosted.contains { $0.contains("Plugin did not respond") })
        let crashes = applied.hosted.events.compactMap {
          if case .providerCrashed(_, _, let end, let words) = $0 { (end, words) } else { nil }
        }
        #expect(crashes.count == 1 && crashes.first?.0 == .code(2))
        #expect(crashes.first?.1.contains("panic: terraform-provider-sandbox crashes") == true)
      }
      // What was made is in the state, and the next run goes on from there.
      try await terraform.both(["apply", "-input=false", "-auto-approve", "-no-color"])
      #expect(try terraform.state(.plain)["resources"] == terraform.state(.hosted)["resources"])
    }
  }

  @Test("An interrupt in the middle of an apply reaches the provider and ends it as without a host")
  func interrupt() async throws {
    try await HostedTerraform.sandboxed(Array(chain.utf8), [HostedTerraform.kubernetes]) { terraform in
      var said: [HostedTerraform.Way: [String]] = [:]
      for way in HostedTerraform.Way.allCases {
        let stopped = try await terraform.run(
          way,
          ["apply", "-input=false", "-auto-approve", "-json"],
          environment: ["STACKJOB_SANDBOX_FAULTS": #"{"do": "hang", "type": "kubernetes_config_map_v1"}"#],
          expecting: 1,
          interrupt: { $0.contains("kubernetes_config_map_v1.this: Creating") }
        )
        said[way] = HostedTerraform.diagnostics(stopped.output)
      }
      #expect(said[.hosted]?.contains { $0.contains("The operation was canceled") } == true)
      #expect(said[.plain] == said[.hosted])
    }
  }

  @Test("A type that was pruned by mistake ends the run before anything is changed")
  func prunedByMistake() async throws {
    try await kubernetes { terraform in
      let keep: Set = ["kubernetes_namespace_v1"]
      let planned = try await terraform.run(
        .hosted,
        ["apply", "-input=false", "-auto-approve", "-no-color"],
        expecting: 1,
        keep: keep
      )
      #expect(planned.output.contains("does not support resource type"))
      #expect(planned.statistics.changes == 0)
    }
  }

  @Test("A type that only the state holds ends the run likewise when it was pruned")
  func prunedFromState() async throws {
    try await kubernetes { terraform in
      try await terraform.run(.hosted, ["apply", "-input=false", "-auto-approve"])
      let module = """
        terraform {
          required_providers {
            kubernetes = { source = "hashicorp/kubernetes", version = "3.2.1" }
          }
        }

        """
      try LocalFiles.replace("\(terraform.folder)/hosted/main.tf", with: Array(module.utf8))
      let arguments = ["plan", "-input=false", "-no-color"]
      let pruned = try await terraform.run(.hosted, arguments, expecting: 1, keep: [])
      #expect(pruned.output.contains("no schema available"), "\(pruned.output)")
      let whole = try await terraform.run(.hosted, arguments)
      #expect(whole.output.contains("to destroy"))
    }
  }

  /// Left to itself, Terraform says one of two things of a plugin that crashes, by which it sees first:
  /// the end of the process or that of the connection. It sees no process of ours.
  private func withoutRace(_ diagnostic: String) -> String {
    diagnostic.replacing(/"Request cancelled","detail":"The (.*) request was cancelled\."/) { match in
      """
      "Plugin did not respond","detail":"The plugin encountered an error, and failed to respond to the \
      \(match.output.1) call. The plugin logs may contain more details."
      """
    }
  }
}
