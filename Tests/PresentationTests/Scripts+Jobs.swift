import StackModel

extension Scripts {
  static let service = PlannedChange(
    address: "aws_ecs_service.this",
    type: "aws_ecs_service",
    action: .create,
    attributes: [
      AttributeChange(path: "cluster", before: .absent, after: .knownAfterApply),
      new("desired_count", 2), new("enable_execute_command", false),
      AttributeChange(path: "id", before: .absent, after: .knownAfterApply),
      new("launch_type", "FARGATE"), new("name", "checkout"),
      new("network_configuration", [["assign_public_ip": false, "subnets": ["subnet-1", "subnet-2"]]]),
      new("tags", [:]),
    ]
  )

  static let createPlan = Script(
    "create",
    opening(.preview)
      + planned([
        PlannedChange(
          address: "data.aws_iam_policy_document.task",
          type: "aws_iam_policy_document",
          action: .read,
          reason: "read_because_config_unknown",
          attributes: [AttributeChange(path: "json", before: .absent, after: .knownAfterApply)]
        ),
        service,
        PlannedChange(
          address: "aws_ecs_task_definition.this",
          type: "aws_ecs_task_definition",
          action: .create,
          attributes: [
            AttributeChange(path: "arn", before: .absent, after: .knownAfterApply),
            new("container_definitions", containers(image: "checkout:1.0.0", cpu: 256)),
            new("cpu", "256"), new("family", "checkout"), new("memory", "512"),
          ]
        ),
        PlannedChange(
          address: "aws_cloudwatch_log_group.this",
          type: "aws_cloudwatch_log_group",
          action: .noop,
          importID: "/ecs/checkout"
        ),
        PlannedChange(
          address: "aws_iam_role.task",
          type: "aws_iam_role",
          action: .noop,
          previousAddress: "aws_iam_role.app"
        ),
        PlannedChange(address: "aws_iam_role.execution", type: "aws_iam_role", action: .noop),
      ]) + ended()
  )

  static let update = Script(
    "update",
    opening(.update)
      + planned([
        PlannedChange(
          address: "aws_ecs_service.this",
          type: "aws_ecs_service",
          action: .update,
          attributes: [
            changed("desired_count", 2, 4),
            AttributeChange(
              path: "task_definition",
              before: .known("arn:aws:ecs:eu-central-1:123456789012:task-definition/checkout:7"),
              after: .knownAfterApply
            ),
            new("health_check_grace_period_seconds", 60),
            AttributeChange(path: "propagate_tags", before: .known("SERVICE"), after: .absent),
          ]
        ),
        PlannedChange(
          address: "aws_iam_role_policy.task",
          type: "aws_iam_role_policy",
          action: .update,
          attributes: [
            changed(
              "policy",
              policy(["logs:CreateLogStream", "logs:PutLogEvents"]),
              policy(["logs:PutLogEvents", "logs:DescribeLogStreams"])
            )
          ]
        ),
        PlannedChange(
          address: "aws_instance.bastion",
          type: "aws_instance",
          action: .update,
          attributes: [
            changed(
              "user_data",
              .string(String(repeating: "#!/bin/sh\necho one\n", count: 12) + "exit 0\n"),
              .string(String(repeating: "#!/bin/sh\necho one\n", count: 12) + "exit 1\n")
            )
          ]
        ),
      ])
      + [
        .phaseStarted(.approval), .approvalRequested(digest: "sha256:9f86d081"),
        .approvalDecided(approved: true, by: "mara", how: "answered yes"),
        .phaseFinished(.approval, .succeeded, seconds: 4.2),
        .phaseStarted(.update),
        .toolStarted(tool: "terraform", version: "1.11.4", arguments: ["apply", "-json"], pid: 4713),
        .resourceStarted(ResourceStep(address: "aws_iam_role_policy.task", action: "update")),
        .resourceStarted(ResourceStep(address: "aws_ecs_service.this", action: "update")),
        .resourceFinished(
          ResourceStep(address: "aws_iam_role_policy.task", action: "update", seconds: 1, id: "checkout:task")
        ),
        .resourceProgress(ResourceStep(address: "aws_ecs_service.this", action: "update", seconds: 10)),
        .resourceProgress(ResourceStep(address: "aws_ecs_service.this", action: "update", seconds: 20)),
        .resourceProgress(ResourceStep(address: "aws_ecs_service.this", action: "update", seconds: 30)),
        .stateSaved(StateSaved(serial: 12, lineage: "3f2a", path: "/var/lib/stackjob/state/12.json")),
        .log(stream: "stdout", line: "a line that is no message"),
        .resourceFinished(
          ResourceStep(
            address: "aws_ecs_service.this",
            action: "update",
            seconds: 38,
            id: "arn:aws:ecs:eu-central-1:123456789012:service/prod/checkout"
          )
        ),
        .applied(ChangeSummary(change: 3)),
        .output(StackOutput(name: "service_url", value: "https://checkout.acme.example", isSensitive: false)),
        .output(StackOutput(name: "subnets", value: ["subnet-1", "subnet-2"], isSensitive: false)),
        .output(StackOutput(name: "db_password", value: .null, isSensitive: true)),
        .toolFinished(tool: "terraform", exit: .code(0), seconds: 40.0),
        .phaseFinished(.update, .succeeded, seconds: 40.1),
      ] + ended(seconds: 49.3)
  )

  static let replace = Script(
    "replace",
    opening(.preview)
      + planned([
        PlannedChange(
          address: "aws_lb_target_group.this",
          type: "aws_lb_target_group",
          action: .replace,
          reason: "cannot_update",
          attributes: [
            AttributeChange(path: "arn", before: .known("arn:aws:tg/1"), after: .knownAfterApply),
            AttributeChange(path: "id", before: .known("arn:aws:tg/1"), after: .knownAfterApply),
            changed("port", 8080, 9090, forces: true),
            AttributeChange(
              path: "vpc_id",
              before: .known("vpc-1"),
              after: .knownAfterApply,
              forcesReplacement: true
            ),
            changed(
              "tags",
              ["team": "a", "tier": "web-and-some-more-text", "old": "x"],
              ["team": "b", "tier": "web-and-some-more-text"]
            ),
          ]
        ),
        PlannedChange(
          address: #"aws_lb_listener_rule.this["/api/*"]"#,
          type: "aws_lb_listener_rule",
          action: .delete,
          reason: "delete_because_each_key",
          attributes: [
            AttributeChange(path: "priority", before: .known(100), after: .absent),
            AttributeChange(path: "id", before: .known("arn:aws:rule/1"), after: .absent),
          ]
        ),
        PlannedChange(
          address: "aws_s3_bucket.logs",
          type: "aws_s3_bucket",
          action: .forget
        ),
      ]) + ended(.succeeded, .changes)
  )

  static let drift = Script(
    "drift",
    opening(.drift)
      + [
        .resourceDrifted(
          PlannedChange(
            address: "aws_ecs_service.this",
            type: "aws_ecs_service",
            action: .update,
            attributes: [changed("desired_count", 2, 5)]
          )
        ),
        .resourceDrifted(
          PlannedChange(
            address: "aws_cloudwatch_log_group.this",
            type: "aws_cloudwatch_log_group",
            action: .delete
          )
        ),
        .planReady(PlanReady(summary: ChangeSummary(), digest: nil, outputChanges: 0)),
      ] + ended(.succeeded, .changes)
  )

  static let noChanges = Script(
    "no-changes",
    opening(.preview)
      + planned(
        [PlannedChange(address: "aws_ecs_service.this", type: "aws_ecs_service", action: .noop)],
        digest: nil
      )
      + ended()
  )

  static let rejected = Script(
    "rejected",
    opening(.update) + planned([service])
      + [
        .phaseStarted(.approval), .approvalRequested(digest: ""),
        .approvalDecided(approved: false, by: "mara", how: "answered no"),
        .phaseFinished(.approval, .rejected, seconds: 2),
      ] + ended(.rejected, .failed, reason: "the plan was rejected by mara")
  )
}
