import StackModel

/// Each type of event, with all optional members and with none.
enum EventSamples {
  private static let step = ResourceStep(address: "aws_lb.this", action: "create")
  private static let wholeStep = ResourceStep(
    address: "aws_lb.this",
    action: "create",
    seconds: 9,
    id: "lb-1"
  )
  private static let change = PlannedChange(address: "a.b", type: "a", action: .create)
  private static let wholeChange = PlannedChange(
    address: "a.b",
    type: "a",
    action: .replace,
    reason: "cannot_update",
    previousAddress: "a.c",
    importID: "i-1",
    attributes: [
      AttributeChange(path: "a", before: .absent, after: .known(.null), forcesReplacement: true),
      AttributeChange(path: "b", before: .known(["x": 1]), after: .knownAfterApply),
      AttributeChange(path: "c", before: .sensitive, after: .sensitive),
      AttributeChange(path: "d", before: .knownAfterApply, after: .absent),
    ]
  )

  static let all: [JobEvent.Body] =
    Operation.allCases.flatMap { operation in
      EngineName.allCases.map {
        .jobStarted(operation: operation, engine: $0, manifest: "service.yaml", version: "0.1.0")
      }
    }
    // A deployment waits at a gate; none of its jobs does.
    + ExitCode.allCases.filter { $0 != .awaitingApproval }.map {
      .jobFinished(JobFinished(result: .failed, exitCode: $0, seconds: 0))
    }
    + JobResult.allCases.map {
      .jobFinished(
        JobFinished(
          result: $0,
          exitCode: .failed,
          seconds: 1.5,
          reason: "r",
          stateSerial: 3,
          lockReleased: true
        )
      )
    }
    + [
      .providerSelected(
        ProviderTarget(provider: "kubernetes", target: "https://c:6443", context: "c", user: "u")
      )
    ]
    + [.providerSelected(.sandbox("aws"))]
    + [nil, 1].map {
      .rolloutProgress(RolloutProgress(subject: "deployment a/b", updated: 1, desired: 2, ready: $0))
    }
    + Phase.allCases.flatMap { [.phaseStarted($0), .phaseFinished($0, .succeeded, seconds: 0.25)] }
    + PlannedChange.Action.allCases.map {
      .resourcePlanned(PlannedChange(address: "a.b", type: "a", action: $0))
    }
    + Diagnostic.Severity.allCases.map {
      .diagnostic(EngineDiagnostic(severity: $0, summary: "s", detail: ""))
    }
    + rest

  private static let rest: [JobEvent.Body] = [
    .toolStarted(tool: "terraform", version: "1.11.4", arguments: ["init"], pid: 7),
    .toolFinished(tool: "terraform", exit: .code(1), seconds: 1),
    .toolFinished(tool: "terraform", exit: .signal(9), seconds: 1),
    .diagnostic(
      EngineDiagnostic(
        severity: .error,
        summary: "s",
        detail: "d",
        address: "a.b",
        snippet: .init(file: "main.tf", line: 3, code: "x = 1"),
        references: ["var.x"],
        field: "spec.x",
        location: SourceLocation(file: "service.yaml", line: 3, column: 5)
      )
    ),
    .resourcePlanned(wholeChange), .resourceDrifted(change), .resourceDrifted(wholeChange),
    .resourceStarted(step), .resourceStarted(wholeStep), .resourceProgress(step),
    .resourceProgress(wholeStep),
    .resourceFinished(step), .resourceFinished(wholeStep), .resourceFailed(step), .resourceFailed(wholeStep),
    .planReady(PlanReady(summary: ChangeSummary(), digest: nil, outputChanges: 0)),
    .planReady(
      PlanReady(
        summary: ChangeSummary(add: 1, change: 2, remove: 3, import: 4),
        digest: "d",
        outputChanges: 5
      )
    ),
    .applied(ChangeSummary(add: 1)),
    .output(StackOutput(name: "url", value: ["a": [1, nil]], isSensitive: false)),
    .output(StackOutput(name: "none", value: .null, isSensitive: false)),
    .output(StackOutput(name: "token", value: "x", isSensitive: true)),
    .stateSaved(StateSaved(serial: 1, lineage: "l", path: "/p")),
    .lockAcquired(id: "1"), .lockReleased(id: "1"), .approvalRequested(digest: "d"),
    .approvalDecided(approved: true, by: "mara", how: "answered yes"),
    .interrupted(Interruption(step: .stopping, message: "m")),
    .interrupted(Interruption(step: .warned, message: "m")),
    .interrupted(Interruption(step: .forced, message: "m")),
    .log(stream: "stderr", line: ""),
  ]
}
