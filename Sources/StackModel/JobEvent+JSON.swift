extension JobEvent {
  /// The event as one JSON object: the common members first, then those of its type.
  package var json: JSONValue {
    var object = JSONObject([
      ("seq", .int(seq)), ("time", .string(time.description)), ("type", .string(body.type)),
      ("job", .string(job)), ("stack", .string(stack.description)),
    ])
    for (key, value) in body.members where !value.isNull { object[key] = value }
    return .object(object)
  }
}

extension JobEvent.Body {
  /// The event's dotted name.
  package var type: String {
    switch self {
    case .jobStarted: "job.started"
    case .jobFinished: "job.finished"
    case .providerSelected: "provider.selected"
    case .phaseStarted: "phase.started"
    case .phaseFinished: "phase.finished"
    case .toolStarted: "tool.started"
    case .toolFinished: "tool.finished"
    case .diagnostic: "diagnostic"
    case .resourcePlanned: "resource.planned"
    case .resourceDrifted: "resource.drifted"
    case .resourceStarted: "resource.started"
    case .resourceProgress: "resource.progress"
    case .resourceFinished: "resource.finished"
    case .resourceFailed: "resource.failed"
    case .rolloutProgress: "rollout.progress"
    case .planReady: "plan.ready"
    case .applied: "apply.summary"
    case .output: "output"
    case .stateSaved: "state.saved"
    case .lockAcquired: "lock.acquired"
    case .lockReleased: "lock.released"
    case .approvalRequested: "approval.requested"
    case .approvalDecided: "approval.decided"
    case .interrupted: "job.interrupted"
    case .log: "log"
    }
  }

  /// The members beyond the common ones; a null stands for a member to leave out.
  var members: JSONObject {
    switch self {
    case .jobStarted(let operation, let engine, let manifest, let version):
      [
        "operation": .string(operation.rawValue), "engine": .string(engine.rawValue),
        "manifest": .string(manifest), "stackjob": .string(version),
      ]
    case .jobFinished(let end):
      [
        "status": .string(JobStatus.completed.rawValue), "result": .string(end.result.rawValue),
        "exit_code": .int(Int(end.exitCode.rawValue)), "seconds": .seconds(end.seconds),
        "reason": .optional(end.reason), "state_serial": .optional(end.stateSerial),
        "lock_released": end.lockReleased.map(JSONValue.bool) ?? .null,
      ]
    case .providerSelected(let target):
      [
        "provider": .string(target.provider), "target": .string(target.target),
        "context": .optional(target.context), "user": .optional(target.user),
        "sandbox": .bool(target.isSandbox),
      ]
    case .phaseStarted(let phase): ["phase": .string(phase.rawValue)]
    case .phaseFinished(let phase, let result, let seconds):
      [
        "phase": .string(phase.rawValue), "result": .string(result.rawValue),
        "seconds": .seconds(seconds),
      ]
    case .toolStarted(let tool, let version, let arguments, let pid):
      [
        "tool": .string(tool), "version": .string(version),
        "arguments": .array(arguments.map(JSONValue.string)), "pid": .int(pid),
      ]
    case .toolFinished(let tool, let exit, let seconds):
      switch exit {
      case .code(let code): ["tool": .string(tool), "exit": .int(code), "seconds": .seconds(seconds)]
      case .signal(let signal):
        ["tool": .string(tool), "signal": .int(signal), "seconds": .seconds(seconds)]
      }
    case .diagnostic(let diagnostic): diagnostic.members
    case .resourcePlanned(let change), .resourceDrifted(let change): change.members
    case .resourceStarted(let step), .resourceProgress(let step), .resourceFinished(let step),
      .resourceFailed(let step):
      [
        "address": .string(step.address), "action": .string(step.action), "seconds": .int(step.seconds),
        "id": .optional(step.id),
      ]
    case .rolloutProgress(let progress):
      [
        "subject": .string(progress.subject), "updated": .int(progress.updated),
        "desired": .int(progress.desired), "ready": .optional(progress.ready),
      ]
    case .planReady(let plan):
      [
        "summary": plan.summary.json, "output_changes": .int(plan.outputChanges),
        "has_changes": .bool(plan.hasChanges), "digest": .optional(plan.digest),
      ]
    case .applied(let summary): ["summary": summary.json]
    case .output(let output): output.members
    case .stateSaved(let state):
      [
        "serial": .int(state.serial), "lineage": .string(state.lineage), "path": .string(state.path),
      ]
    case .lockAcquired(let id), .lockReleased(let id): ["lock": .string(id)]
    case .approvalRequested(let digest): ["digest": .string(digest)]
    case .approvalDecided(let approved, let person, let how):
      ["approved": .bool(approved), "by": .string(person), "how": .string(how)]
    case .interrupted(let interruption):
      ["step": .string(interruption.step.rawValue), "message": .string(interruption.message)]
    case .log(let stream, let line): ["stream": .string(stream), "line": .string(line)]
    }
  }
}

extension EngineDiagnostic {
  package var members: JSONObject {
    var object: JSONObject = [
      "severity": .string(severity.rawValue), "summary": .string(summary), "detail": .string(detail),
      "address": .optional(address), "path": .optional(field),
    ]
    if let location {
      object["file"] = .string(location.file)
      if location.line > 0 {
        object["line"] = .int(location.line)
        object["column"] = .int(location.column)
      }
    }
    if let snippet {
      object["program"] = [
        "file": .string(snippet.file), "line": .int(snippet.line), "code": .string(snippet.code),
      ]
    }
    return object
  }
}

extension PlannedChange {
  package var members: JSONObject {
    [
      "address": .string(address), "resource_type": .string(type), "action": .string(action.rawValue),
      "reason": .optional(reason), "previous_address": .optional(previousAddress),
      "import_id": .optional(importID),
      "attributes": attributes.isEmpty ? .null : .array(attributes.map(\.json)),
    ]
  }
}

extension AttributeChange {
  var json: JSONValue {
    var object: JSONObject = ["path": .string(path)]
    for (name, value) in [("before", before), ("after", after)] {
      switch value {
      case .absent: break
      case .known(let known): object[name] = known
      case .knownAfterApply: object["\(name)_unknown"] = true
      case .sensitive: object["\(name)_sensitive"] = true
      }
    }
    if forcesReplacement { object["forces_replacement"] = true }
    return .object(object)
  }
}

extension StackOutput {
  package var members: JSONObject {
    [
      "name": .string(name), "value": isSensitive ? .string(Secret.mask) : value,
      "sensitive": .bool(isSensitive),
    ]
  }
}

extension JSONValue {
  /// The text, or null for nil.
  package static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

  package static func optional(_ number: Int?) -> JSONValue { number.map(JSONValue.int) ?? .null }

  /// A duration in seconds with milliseconds, without binary noise such as 0.30000000000000004.
  package static func seconds(_ value: Double) -> JSONValue {
    let milliseconds = Int((value * 1000).rounded())
    let (whole, part) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    let digits = String(part)
    return .number("\(whole).\(String(repeating: "0", count: 3 - digits.count))\(digits)")
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
