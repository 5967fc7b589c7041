import LocalFiles
import ProviderHost
import Testing

@Suite(
  "Terraform behind a host with started providers",
  .enabled(if: !HostedTerraform.isMissing, "needs terraform"),
  .timeLimit(.minutes(10))
)
struct SpareHostTests {
  /// Plans, applies and destroys both ways; each command finds a started provider.
  private func wholeLife(
    _ terraform: HostedTerraform,
    changes: [[String]]
  ) async throws {
    let spares = try LocalSpares(in: terraform.folder)
    try await terraform.run(.hosted, ["plan", "-input=false"], spares: spares.source())
    var taken = 0
    func both(_ arguments: [String]) async throws {
      try await spares.awaitSpare()
      let plain = try await terraform.run(.plain, arguments)
      let hosted = try await terraform.run(.hosted, arguments, spares: spares.source())
      #expect(HostedTerraform.diagnostics(plain.output) == HostedTerraform.diagnostics(hosted.output))
      taken += 1
      #expect(spares.pool.numbers.taken == taken)
    }
    for change in changes {
      try await both(["plan", "-input=false", "-json", "-out=plan"] + change)
      #expect(try await terraform.plan(.plain) == terraform.plan(.hosted))
      try await both(["apply", "-input=false", "-json", "plan"])
      #expect(try terraform.state(.plain) == terraform.state(.hosted))
    }
    await spares.pool.close()
    try await spares.awaitNoFolder()
  }

  @Test("A whole life is the same, each command with a provider of its own that was started before")
  func sandbox() async throws {
    let module = try LocalFiles.read("\(HostedTerraform.root)/Tests/Fixtures/sandbox/kubernetes.tf")
    try await HostedTerraform.sandboxed(module, [HostedTerraform.kubernetes]) { terraform in
      try await wholeLife(
        terraform,
        changes: [[], ["-var=image=registry.example.com/web:2.0.0"], ["-destroy"]]
      )
    }
  }

  @Test(
    "The real AWS provider finds files by paths relative to Terraform's folder",
    .enabled(
      if: HostedTerraform.isCI || !MotoServer.isMissing && HostedTerraform.awsMirror != nil,
      "needs tools"
    )
  )
  func relativeFiles() async throws {
    let mirror = try #require(HostedTerraform.awsMirror)
    let module = """
      terraform {
        required_providers {
          aws = { source = "hashicorp/aws", version = "5.100.0" }
        }
      }
      provider "aws" {
        profile                  = "team"
        shared_credentials_files = ["keys/credentials"]
        shared_config_files      = ["./config"]
      }
      data "aws_region" "this" {}
      resource "aws_ssm_parameter" "this" {
        name  = "/web/text"
        type  = "String"
        value = data.aws_region.this.name
      }

      """
    func environment(_ endpoint: String) -> [String: String] {
      ["AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true"]
    }
    try await MotoServer.run { one in
      try await MotoServer.run { other in
        let (plain, hosted) = (environment(one), environment(other))
        try await HostedTerraform.real(
          Array(module.utf8),
          [HostedTerraform.aws],
          mirror: mirror,
          environment: { $0 == .plain ? plain : hosted }
        ) { terraform in
          for way in HostedTerraform.Way.allCases {
            let own = "\(terraform.folder)/\(way)"
            try LocalFiles.makeFolder("\(own)/keys")
            try LocalFiles.create(
              "\(own)/keys/credentials",
              with: Array("[team]\naws_access_key_id = testing\naws_secret_access_key = testing\n".utf8)
            )
            // What no other place says, and the state tells.
            try LocalFiles.create("\(own)/config", with: Array("[profile team]\nregion = eu-north-1\n".utf8))
          }
          try await wholeLife(terraform, changes: [[], ["-destroy"]])
        }
      }
    }
  }
}
