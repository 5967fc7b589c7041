import StackModel

/// The jobs that the golden files are made from.
enum Scripts {
  static let all = [
    createPlan, update, replace, drift, failedApply, cancelled, noChanges, hidden, hostile, rejected,
  ]

  static let manifest = """
    apiVersion: aws.project-planton.org/v1
    kind: AwsEcsService
    metadata:
      name: checkout
    spec:
      container:
        cpu: 256
        memory: 512
      alb:
        listenerPort: 443
    """

  static func opening(_ operation: Operation) -> [JobEvent.Body] {
    [
      .jobStarted(operation: operation, engine: .terraform, manifest: "service.yaml", version: "0.1.0"),
      .phaseStarted(.prepare),
      .phaseFinished(.prepare, .succeeded, seconds: 0.012),
      .phaseStarted(.`init`),
      .toolStarted(
        tool: "terraform",
        version: "1.11.4",
        arguments: ["init", "-input=false", "-json"],
        pid: 4711
      ),
      .toolFinished(tool: "terraform", exit: .code(0), seconds: 1.21),
      .phaseFinished(.`init`, .succeeded, seconds: 1.234),
      .phaseStarted(.preview),
      .toolStarted(
        tool: "terraform",
        version: "1.11.4",
        arguments: ["plan", "-out=plan.tfplan", "-json"],
        pid: 4712
      ),
      .lockAcquired(id: "6f1c"),
      .resourceStarted(ResourceStep(address: "data.aws_region.current", action: "read")),
      .resourceFinished(ResourceStep(address: "data.aws_region.current", action: "read", id: "eu-central-1")),
      .lockReleased(id: "6f1c"),
      .toolFinished(tool: "terraform", exit: .code(0), seconds: 3.4),
      .phaseFinished(.preview, .succeeded, seconds: 3.456),
    ]
  }

  static func planned(_ changes: [PlannedChange], digest: String? = "sha256:9f86d081") -> [JobEvent.Body] {
    changes.map(JobEvent.Body.resourcePlanned) + [
      .planReady(
        PlanReady(summary: ChangeSummary(counting: changes), digest: digest, outputChanges: 0)
      )
    ]
  }

  static func ended(
    _ result: JobResult = .succeeded,
    _ code: ExitCode = .done,
    reason: String? = nil,
    seconds: Double = 5.1
  ) -> [JobEvent.Body] {
    [
      .jobFinished(
        JobFinished(
          result: result,
          exitCode: code,
          seconds: seconds,
          reason: reason,
          stateSerial: 12,
          lockReleased: true
        )
      )
    ]
  }

  static func new(_ path: String, _ value: JSONValue) -> AttributeChange {
    AttributeChange(path: path, before: .absent, after: .known(value))
  }

  static func changed(
    _ path: String,
    _ before: JSONValue,
    _ after: JSONValue,
    forces: Bool = false
  ) -> AttributeChange {
    AttributeChange(path: path, before: .known(before), after: .known(after), forcesReplacement: forces)
  }

  static func containers(image: String, cpu: Int) -> JSONValue {
    let app: JSONValue = [
      "name": "app", "image": .string(image), "cpu": .int(cpu), "essential": true,
      "portMappings": [["containerPort": 8080, "protocol": "tcp"]],
      "environment": [["name": "LOG_LEVEL", "value": "info"]],
    ]
    return .string(JSONValue.array([app, ["name": "proxy", "image": "envoy:1.30"]]).text())
  }

  static func policy(_ actions: [String]) -> JSONValue {
    let statement: JSONValue = [
      "Sid": "Logs", "Effect": "Allow", "Action": .array(actions.map(JSONValue.string)), "Resource": "*",
    ]
    let document: JSONValue = ["Version": "2012-10-17", "Statement": [statement]]
    return .string(document.text())
  }
}
