import StackModel

extension Scripts {
  static let refusal = EngineDiagnostic(
    severity: .error,
    summary: "creating ELBv2 Listener: DuplicateListener",
    detail: """
      operation error Elastic Load Balancing v2: CreateListener, https response error StatusCode: 400, \
      RequestID: 0a1b, DuplicateListener: A listener already exists on this port for this load balancer.

        load balancer: arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/1
      """,
    address: "aws_lb_listener.https",
    snippet: .init(file: "alb.tf", line: 41, code: "resource \"aws_lb_listener\" \"https\" {"),
    references: ["var.alb.listener_port"],
    field: "spec.alb.listenerPort",
    location: SourceLocation(file: "service.yaml", line: 10, column: 5)
  )

  static let failedApply = Script(
    "failed",
    opening(.update) + planned([service], digest: nil)
      + [
        .phaseStarted(.update),
        .resourceStarted(ResourceStep(address: "aws_lb_listener.https", action: "create")),
        .resourceStarted(ResourceStep(address: "aws_ecs_service.this", action: "create")),
        .resourceFailed(ResourceStep(address: "aws_lb_listener.https", action: "create", seconds: 3)),
        .diagnostic(refusal),
      ]
      + (1...24).flatMap { number -> [JobEvent.Body] in
        let address = "aws_security_group_rule.ingress[\(number)]"
        return [
          .resourceStarted(ResourceStep(address: address, action: "create")),
          .resourceFinished(
            ResourceStep(address: address, action: "create", seconds: 1, id: "sgr-\(number)")
          ),
        ]
      }
      + [
        .diagnostic(
          EngineDiagnostic(severity: .warning, summary: "Applied changes may be incomplete", detail: "")
        ),
        .stateSaved(StateSaved(serial: 12, lineage: "3f2a", path: "/var/lib/stackjob/state/12.json")),
        .toolFinished(tool: "terraform", exit: .code(1), seconds: 9),
        .phaseFinished(.update, .failed, seconds: 9.1),
      ] + ended(.failed, .failed, reason: "creating ELBv2 Listener: DuplicateListener", seconds: 14.8)
  )

  static let cancelled = Script(
    "cancelled",
    opening(.destroy)
      + planned([
        PlannedChange(
          address: "aws_ecs_service.this",
          type: "aws_ecs_service",
          action: .delete,
          attributes: [AttributeChange(path: "name", before: .known("checkout"), after: .absent)]
        )
      ])
      + [
        .phaseStarted(.update),
        .resourceStarted(ResourceStep(address: "aws_ecs_service.this", action: "delete")),
        .interrupted(
          Interruption(
            step: .stopping,
            message: "Stopping: terraform finishes what is in flight and saves its state."
          )
        ),
        .interrupted(
          Interruption(
            step: .warned,
            message: "Still stopping.\nForcing it now loses the record of 1 resource in flight."
          )
        ),
        .log(stream: "stderr", line: "Interrupt received.\u{7}"),
        .resourceFinished(ResourceStep(address: "aws_ecs_service.this", action: "delete", seconds: 61)),
        .stateSaved(StateSaved(serial: 12, lineage: "3f2a", path: "/var/lib/stackjob/state/12.json")),
        .phaseFinished(.update, .cancelled, seconds: 62.0),
      ] + ended(.cancelled, .cancelled, reason: "stopped by the user", seconds: 75)
  )

  static let hidden = Script(
    "hidden",
    opening(.preview)
      + planned([
        PlannedChange(
          address: "aws_secretsmanager_secret_version.this",
          type: "aws_secretsmanager_secret_version",
          action: .create,
          attributes: [
            AttributeChange(path: "secret_string", before: .absent, after: .sensitive),
            AttributeChange(path: "arn", before: .absent, after: .knownAfterApply),
          ]
        ),
        PlannedChange(
          address: "aws_db_instance.this",
          type: "aws_db_instance",
          action: .update,
          attributes: [
            AttributeChange(path: "password", before: .sensitive, after: .sensitive),
            AttributeChange(path: "user", before: .known(.string(Secret.mask)), after: .known("admin")),
            AttributeChange(path: "endpoint", before: .known("db.internal:5432"), after: .knownAfterApply),
          ]
        ),
      ])
      + [.output(StackOutput(name: "token", value: "never shown", isSensitive: true))] + ended()
  )

  /// Values that try to get out of where they are shown.
  static let hostile = Script(
    "hostile",
    opening(.preview)
      + planned([
        PlannedChange(
          address: "aws_ssm_parameter.this[\"a|b`c</details>\n\u{1B}[2J@here\"]",
          type: "aws_ssm_parameter",
          action: .update,
          attributes: [
            changed("value", "plain", "```\n</details>\n````\n<script>alert(1)</script> | x"),
            changed("title\u{1B}]0;owned\u{7}", "\u{1B}[31mred", "\u{9B}2J\u{202E}gpj.exe"),
            changed("wide", "日本語のとても長い値です", "e\u{301}\u{200B}\u{FEFF}"),
            new("bell", "\u{7}\u{8}\u{7F}\r\n\t"),
          ]
        )
      ])
      + [
        .diagnostic(
          EngineDiagnostic(
            severity: .warning,
            summary: "odd [link](javascript:x) @team \u{1B}[2J",
            detail: "~~~\n```\n</details>\n\u{1B}]8;;http://evil\u{7}click\r\nend",
            address: "a`|b",
            field: "spec.`x`|y"
          )
        ),
        .output(StackOutput(name: "a|b", value: "</td>\u{1B}[2J\n| x |", isSensitive: false)),
      ] + ended(.failed, .failed, reason: "bad <b>`reason`</b>\n# heading")
  )

  /// A plan that is far over the Markdown limit.
  static func huge(resources: Int, attributes: Int) -> Script {
    Script(
      "huge",
      opening(.preview)
        + planned(
          (0..<resources).map { number in
            PlannedChange(
              address: "module.many.aws_sqs_queue.this[\(number)]",
              type: "aws_sqs_queue",
              action: .create,
              attributes: (0..<attributes + number % 7).map {
                new("attribute_\($0)", .string(String(repeating: "v", count: 60)))
              }
            )
          }
        ) + ended()
    )
  }
}
