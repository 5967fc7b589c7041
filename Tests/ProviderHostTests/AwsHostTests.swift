import ProviderHost
import StackModel
import Testing

@Suite(
  "Terraform behind a host, with the real AWS provider",
  .enabled(
    if: HostedTerraform.isCI
      || !HostedTerraform.isMissing && !MotoServer.isMissing && HostedTerraform.awsMirror != nil,
    "needs tools"
  )
)
struct AwsHostTests {
  private let module = """
    terraform {
      required_providers {
        aws = { source = "hashicorp/aws", version = "5.100.0" }
      }
    }
    provider "aws" {
      default_tags {
        tags = { team = "payments" }
      }
    }
    provider "aws" {
      alias  = "west"
      region = "us-west-2"
    }
    variable "text" { default = "one" }
    variable "role" { default = "web" }
    data "aws_caller_identity" "current" {}
    data "aws_region" "west" { provider = aws.west }
    resource "aws_ssm_parameter" "this" {
      name  = "/web/text"
      type  = "SecureString"
      value = var.text
    }
    resource "aws_cloudwatch_log_group" "west" {
      provider = aws.west
      name     = "web-${data.aws_caller_identity.current.account_id}"
    }
    resource "aws_iam_role" "this" {
      name               = var.role
      assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
        Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
    }
    output "west" { value = [data.aws_region.west.name, aws_cloudwatch_log_group.west.arn] }

    """

  private func environment(_ endpoint: String) -> [String: String] {
    [
      "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
      "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
      "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    ]
  }

  @Test("Plans, states and diagnostics are those of a plain run")
  func wholeLife() async throws {
    let mirror = try #require(HostedTerraform.awsMirror)
    try await MotoServer.run { one in
      try await MotoServer.run { other in
        let (plain, hosted) = (environment(one), environment(other))
        try await HostedTerraform.real(
          Array(module.utf8),
          [HostedTerraform.aws],
          mirror: mirror,
          environment: { $0 == .plain ? plain : hosted }
        ) { terraform in
          for change in [[], ["-var=text=two"], ["-destroy"]] {
            try await terraform.both(["plan", "-input=false", "-out=plan"] + change)
            #expect(try await terraform.plan(.plain) == terraform.plan(.hosted))
            let applied = try await terraform.both(["apply", "-input=false", "-json", "plan"])
            #expect(
              HostedTerraform.diagnostics(applied.plain.output)
                == HostedTerraform.diagnostics(applied.hosted.output)
            )
            #expect(try terraform.state(.plain) == terraform.state(.hosted))
          }
          let wrong = ["plan", "-input=false", "-json", "-var=role=not a name"]
          let refused = try await terraform.both(wrong, expecting: 1)
          #expect(refused.plain.output.contains("invalid value for name"))
          #expect(
            HostedTerraform.diagnostics(refused.plain.output)
              == HostedTerraform.diagnostics(refused.hosted.output)
          )
          let again = try await terraform.run(.hosted, ["plan", "-input=false"])
          #expect(again.statistics.cacheMisses == 0)
        }
      }
    }
  }
}
