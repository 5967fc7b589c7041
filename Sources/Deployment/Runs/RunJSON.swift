package import StackModel

/// The written form of a run, in `run.json` and in `run show --output json`.
extension Run {
  /// Changes when a member changes its meaning or goes away.
  package static let format = 1

  package var json: JSONValue {
    .object(
      JSONObject([
        ("format", .int(Self.format)),
        ("run", .string(id)),
        ("status", .string(status.rawValue)),
        ("result", .optional(result?.rawValue)),
        ("created_at", .string(createdAt.description)),
        ("created_by", .string(createdBy)),
        ("folder", .string(folder)),
        ("branch", .optional(branch)),
        ("commit", .optional(commit)),
        ("image", .optional(image)),
        ("version_tag", .optional(versionTag)),
        ("references", .array(references.map(JSONValue.string))),
        ("templates", .array(templates.map(JSONValue.string))),
        ("sources", sources ?? .null),
        ("engine", .optional(engine?.rawValue)),
        ("queue", .optional(queue)),
        ("parallel", .int(parallel)),
        ("tasks", .array(tasks.map(\.json))),
      ])
    )
  }

  /// Nil for what is no run, or one of a later form.
  package init?(json: JSONValue) {
    guard json["format"]?.int == Self.format, let id = json["run"]?.string,
      let createdAt = json["created_at"]?.string.flatMap({ Timestamp($0) }),
      let createdBy = json["created_by"]?.string, let folder = json["folder"]?.string,
      let tasks = json["tasks"]?.array
    else { return nil }
    let read = tasks.compactMap(RunTask.init(json:))
    guard read.count == tasks.count else { return nil }
    self.init(
      id: id,
      createdAt: createdAt,
      createdBy: createdBy,
      folder: folder,
      branch: json["branch"]?.string,
      commit: json["commit"]?.string,
      image: json["image"]?.string,
      versionTag: json["version_tag"]?.string,
      references: json["references"]?.texts ?? [],
      templates: json["templates"]?.texts ?? [],
      sources: json["sources"]?.array.map(JSONValue.array),
      engine: json["engine"]?.string.flatMap(EngineName.init),
      queue: json["queue"]?.string,
      parallel: json["parallel"]?.int ?? 1,
      tasks: read
    )
  }
}

extension RunTask {
  package var json: JSONValue {
    .object(
      JSONObject([
        ("task", .string(name)),
        ("stack", .string(stack.description)),
        ("after", .array(after.map(JSONValue.string))),
        ("status", .string(status.rawValue)),
        ("result", .optional(result?.rawValue)),
        ("reason", .optional(reason)),
        ("exit_code", .optional(exitCode.map { Int($0.rawValue) })),
        ("unchanged", .bool(isUnchanged)),
        ("started_at", .optional(startedAt?.description)),
        ("finished_at", .optional(finishedAt?.description)),
        ("jobs", .array(jobs.map(JSONValue.string))),
        ("journal", .optional(journal)),
        ("changes", changes?.json ?? .null),
        ("inputs", .string(inputs)),
        ("requires_manual_gate", .bool(rules.requiresManualGate)),
        ("gate_expiry_seconds", .optional(rules.gateExpirySeconds)),
        ("gate_opened_at", .optional(gateOpenedAt?.description)),
        ("decision", decision?.json ?? .null),
        ("skip_refresh", .bool(rules.skipsRefresh)),
        ("preview_before_update", .bool(rules.previewsFirst)),
        ("engine", .optional(rules.engine?.rawValue)),
        ("backend", rules.backend ?? .null),
      ])
    )
  }

  init?(json: JSONValue) {
    guard let name = json["task"]?.string, let stack = json["stack"]?.string.flatMap({ StackID($0) }),
      let status = json["status"]?.string.flatMap(JobStatus.init), let inputs = json["inputs"]?.string
    else { return nil }
    var rules = TaskRules()
    rules.requiresManualGate = json["requires_manual_gate"]?.bool ?? false
    rules.gateExpirySeconds = json["gate_expiry_seconds"]?.int
    rules.skipsRefresh = json["skip_refresh"]?.bool ?? false
    rules.previewsFirst = json["preview_before_update"]?.bool ?? false
    rules.engine = json["engine"]?.string.flatMap(EngineName.init)
    if let backend = json["backend"], !backend.isNull {
      // Without it the state would be looked for elsewhere.
      guard backend["type"]?.string.flatMap(BackendName.init) != nil else { return nil }
      rules.backend = backend
    }
    self.init(name: name, stack: stack, after: json["after"]?.texts ?? [], rules: rules, inputs: inputs)
    self.status = status
    result = json["result"]?.string.flatMap(JobResult.init)
    reason = json["reason"]?.string
    exitCode = json["exit_code"]?.int.flatMap { ExitCode(rawValue: Int32(truncatingIfNeeded: $0)) }
    isUnchanged = json["unchanged"]?.bool ?? false
    startedAt = json["started_at"]?.string.flatMap { Timestamp($0) }
    finishedAt = json["finished_at"]?.string.flatMap { Timestamp($0) }
    jobs = json["jobs"]?.texts ?? []
    journal = json["journal"]?.string
    changes = json["changes"].flatMap(ChangeSummary.init(json:))
    gateOpenedAt = json["gate_opened_at"]?.string.flatMap { Timestamp($0) }
    decision = json["decision"].flatMap(GateDecision.init(json:))
  }
}

extension GateDecision {
  package var json: JSONValue {
    .object(
      JSONObject([
        ("task", .string(task)),
        ("approved", .bool(isApproved)),
        ("by", .string(by)),
        ("at", .string(at.description)),
        ("reason", .optional(reason)),
      ])
    )
  }

  package init?(json: JSONValue) {
    guard let task = json["task"]?.string, let isApproved = json["approved"]?.bool,
      let by = json["by"]?.string, let at = json["at"]?.string.flatMap({ Timestamp($0) })
    else { return nil }
    self.init(task: task, isApproved: isApproved, by: by, at: at, reason: json["reason"]?.string)
  }
}

extension ChangeSummary {
  fileprivate init?(json: JSONValue) {
    guard let add = json["add"]?.int, let change = json["change"]?.int, let remove = json["remove"]?.int
    else {
      return nil
    }
    self.init(add: add, change: change, remove: remove, import: json["import"]?.int ?? 0)
  }
}

extension JSONValue {
  fileprivate var texts: [String] { array?.compactMap(\.string) ?? [] }
}
