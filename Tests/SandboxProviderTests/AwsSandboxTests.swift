import LocalFiles
import PluginWire
import StackModel
import Synchronization
import TerraformPlugin
import Testing
import ToolProcess

@Suite(
  "AWS in the sandbox, with the real Terraform",
  .serialized,
  .enabled(if: !SandboxedTerraform.isMissing, "needs terraform")
)
struct AwsSandboxTests {
  @Test("An ECS service lives without an account")
  func wholeLife() async throws {
    try await SandboxedTerraform.run("aws.tf") { terraform in
      try await terraform("init", "-input=false")
      try await terraform("apply", "-input=false", "-auto-approve")
      let outputs = try await terraform("output", "-json").json()
      #expect(outputs["account"]?["value"] == "123456789012")
      #expect(outputs["cluster"]?["value"] == "arn:aws:ecs:eu-central-1:123456789012:cluster/shop")
      let cluster = try terraform.world()["resources"]?["aws"]?["aws_ecs_cluster"]?.object?.members.first?
        .value
      #expect(cluster?["tags_all"] == ["env": "dev", "team": "payments"])
      #expect(try await terraform.plan() == [:])
      #expect(
        try await terraform.plan("image=web:2") == [
          "aws_ecs_task_definition.this": ["delete", "create"], "aws_ecs_service.this": ["update"],
        ]
      )
      try await terraform("apply", "-input=false", "plan")
      #expect(try await terraform.plan("image=web:2") == [:])
      try await terraform("destroy", "-input=false", "-auto-approve")
    }
  }

  @Test("A provider without TLS serves a Terraform that attaches to it", arguments: [5, 6])
  func attached(version: Int) async throws {
    try await SandboxedTerraform.run("aws.tf") { terraform in
      let stop = StopSwitch()
      let (lines, line) = AsyncStream<String>.makeStream()
      let pid = Mutex(0)
      let mirror = "\(terraform.folder)/mirror/registry.terraform.io/hashicorp/aws/5.100.0"
      let package = "\(mirror)/\(try #require(LocalFiles.list(mirror).first))"
      let server = Task {
        defer { line.finish() }
        return try await ToolRunner.run(
          ToolInvocation(
            tool: "terraform-provider-aws",
            version: "",
            executable: "\(package)/terraform-provider-aws_v5.100.0",
            arguments: [],
            environment: [
              Handshake.cookieName: Handshake.cookie, "PLUGIN_PROTOCOL_VERSIONS": "\(version)",
              "TMPDIR": "\(terraform.folder)/sockets", "STACKJOB_SANDBOX_STATE": terraform.statePath,
            ],
            workingDirectory: terraform.folder
          ),
          stop: stop,
          onStart: { started in pid.withLock { $0 = started } },
          onLine: { line.yield($0.line.text) }
        )
      }
      var iterator = lines.makeAsyncIterator()
      let parts = try #require(await iterator.next()).split(separator: "|", omittingEmptySubsequences: false)
      #expect(parts.count == 6 && parts[1] == "\(version)" && parts[5].isEmpty)
      let attach: JSONValue = [
        "registry.terraform.io/hashicorp/aws": [
          "Protocol": "grpc", "ProtocolVersion": .int(version), "Pid": .int(pid.withLock { $0 }),
          "Test": true,
          "Addr": ["Network": "unix", "String": .string(String(parts[3]))],
        ]
      ]
      let environment = ["TF_REATTACH_PROVIDERS": attach.text()]
      try await terraform("init", "-input=false", environment: environment)
      try await terraform("apply", "-input=false", "-auto-approve", environment: environment)
      #expect(try await terraform.plan(environment: environment) == [:])
      stop.force()
      _ = try await server.value
    }
  }
}
