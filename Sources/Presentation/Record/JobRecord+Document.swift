package import StackModel

extension JobRecord {
  /// The number of the document's form. It changes when a member changes its meaning or goes away;
  /// new members alone do not change it.
  package static let format = 1

  /// What `--output json` prints: described in `docs/events.md`.
  ///
  /// Every member is always there; null stands for what is not known.
  package var document: JSONValue {
    .object(
      JSONObject([
        ("format", .int(Self.format)),
        ("job", .optional(job)),
        ("stack", .optional(stack?.description)),
        ("operation", .optional(operation?.rawValue)),
        ("manifest", .optional(manifest)),
        ("stackjob", .optional(version)),
        ("engine", .optional(engine?.rawValue)),
        ("engine_version", .optional(engineVersion)),
        ("target", .optional(target?.target)),
        ("sandbox", .bool(target?.isSandbox ?? false)),
        ("result", .optional(end?.result.rawValue)),
        ("reason", .optional(end?.reason)),
        ("exit_code", .optional(end.map { Int($0.exitCode.rawValue) })),
        ("seconds", end.map { .seconds($0.seconds) } ?? .null),
        ("has_changes", plan.map { .bool($0.hasChanges) } ?? .null),
        ("summary", plan?.summary.json ?? .null),
        ("output_changes", .optional(plan?.outputChanges)),
        ("digest", .optional(plan?.digest)),
        ("changes", .array(changes.map { .object($0.present) })),
        ("drift", .array(drift.map { .object($0.present) })),
        ("applied", applied?.json ?? .null),
        ("outputs", .object(JSONObject(outputs.map { ($0.name, $0.members["value"] ?? .null) }))),
        ("sensitive_outputs", .array(outputs.filter(\.isSensitive).map { .string($0.name) })),
        ("diagnostics", .array(diagnostics.map { .object($0.members.withoutNulls) })),
        ("state_serial", .optional(end?.stateSerial ?? savedSerial)),
        ("lock_released", end?.lockReleased.map(JSONValue.bool) ?? .null),
        ("journal", .optional(journal)),
      ])
    )
  }
}

extension PlannedChange {
  /// The members of its event, with the list of attributes even where it is empty.
  fileprivate var present: JSONObject {
    var object = members.withoutNulls
    if object["attributes"] == nil { object["attributes"] = .array([]) }
    return object
  }
}

extension JSONObject {
  fileprivate var withoutNulls: JSONObject {
    JSONObject(filter { !$0.value.isNull }.map { ($0.key, $0.value) })
  }
}
