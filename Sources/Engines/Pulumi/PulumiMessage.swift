package import StackModel

/// What one line of `pulumi up --json` and its like means to us.
///
/// Each line is an object with `sequence`, `timestamp` and one event. Events that we do not know become log lines,
/// so that nothing a newer version says is lost; a line that is no JSON is a log line of its stream.
package enum PulumiMessage: Sendable {
  case event(JobEvent.Body)
  case summary(Summary)
  /// The last line of every run that was not killed, however it ended.
  case ended
  /// Something that matters to nobody, such as a step that changes nothing.
  case nothing

  /// The engine's own count; it is never rebuilt from steps, for a replacement is three of these.
  package struct Summary: Sendable, Equatable {
    package enum Result: String, Sendable { case succeeded, failed, canceled }

    package var changes: ChangeSummary
    package var isPreview: Bool
    /// Nil before pulumi 3.227.
    package var result: Result?
    /// The state may not be what is there.
    package var isDoubtful: Bool
    package var seconds: Int
  }

  package init(line: String, stream: String) {
    guard line.utf8.first == UInt8(ascii: "{"),
      let json = try? JSONValue(parsing: line, keeping: Self.wanted),
      let event = json.object?.members.first(where: { $0.key.hasSuffix("Event") })
    else {
      self = line.isEmpty ? .nothing : .event(.log(stream: stream, line: line))
      return
    }
    self = Self.decode(event.key, event.value) ?? .event(.log(stream: stream, line: line))
  }

  /// All that is ever looked at: inputs and outputs of resources are most of a line.
  private static let wanted = JSONSelection(
    .ending(
      "Event",
      JSONSelection(
        .named(
          "metadata",
          JSONSelection(
            .named("op"),
            .named("urn"),
            .named("old", JSONSelection(.named("id"))),
            .named("new", JSONSelection(.named("id")))
          )
        ),
        .named("planning"),
        .named("message"),
        .named("severity"),
        .named("urn"),
        .named("error"),
        .named("done"),
        .named("resourceChanges"),
        .named("isPreview"),
        .named("result"),
        .named("maybeCorrupt"),
        .named("durationSeconds"),
        .named("enforcementLevel"),
        .named("resourceUrn"),
        .named("policyName")
      )
    )
  )

  private static func decode(_ name: String, _ event: JSONValue) -> PulumiMessage? {
    switch name {
    // Each violation of a policy is an event of its own; these sum them up.
    case "preludeEvent", "startDebuggingEvent", "policyLoadEvent", "policyAnalyzeSummaryEvent",
      "policyRemediateSummaryEvent", "policyAnalyzeStackSummaryEvent":
      .nothing
    case "cancelEvent": .ended
    case "stdoutEvent": event["message"]?.string.map { log("stdout", $0) }
    case "errorEvent": event["error"]?.string.map { .event(.diagnostic(diagnostic(.error, $0, of: nil))) }
    case "diagnosticEvent": decode(diagnostic: event)
    case "resourcePreEvent": decode(step: event) { .resourceStarted($0) }
    case "resOutputsEvent": decode(end: event)
    case "resOpFailedEvent": decode(step: event) { .resourceFailed($0) }
    case "summaryEvent": .summary(Summary(event))
    case "progressEvent": decode(progress: event)
    case "policyEvent": decode(policy: event)
    case "policyRemediationEvent": decode(remediation: event)
    default: nil
    }
  }

  private static func decode(diagnostic event: JSONValue) -> PulumiMessage? {
    guard let message = event["message"]?.string, let severity = event["severity"]?.string else { return nil }
    let text = trimmed(message)
    let urn = event["urn"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    // Half of all diagnostics are for Pulumi's own authors; an empty one clears a line of its display.
    if severity == "debug" || text.isEmpty { return .nothing }
    switch severity {
    case "error": return .event(.diagnostic(diagnostic(.error, text, of: urn)))
    case "warning": return .event(.diagnostic(diagnostic(.warning, text, of: urn)))
    default:
      let stream = severity == "info#err" ? "stderr" : "stdout"
      return log(stream, urn.map { "\(PulumiURN.name($0)): \(text)" } ?? text)
    }
  }

  private static func decode(
    step event: JSONValue,
    as body: (ResourceStep) -> JobEvent.Body
  ) -> PulumiMessage? {
    guard let metadata = event["metadata"], let urn = metadata["urn"]?.string,
      let operation = metadata["op"]?.string
    else { return nil }
    if operation == "same" || PulumiURN.type(urn).hasPrefix("pulumi:") { return .nothing }
    if event["planning"] == true {
      // A replacement is planned as three steps, of which `replace` stands for all.
      if ["create-replacement", "delete-replaced"].contains(operation) { return .nothing }
      return .event(.resourcePlanned(PlannedChange(urn: urn, operation: operation)))
    }
    let id = (metadata["new"]?["id"] ?? metadata["old"]?["id"])?.string.flatMap { $0.isEmpty ? nil : $0 }
    return .event(body(ResourceStep(address: PulumiURN.name(urn), action: operation, id: id)))
  }

  /// What is planned was told when the step began.
  private static func decode(end event: JSONValue) -> PulumiMessage? {
    event["planning"] == true ? .nothing : decode(step: event) { .resourceFinished($0) }
  }

  private static func decode(progress event: JSONValue) -> PulumiMessage? {
    guard let message = event["message"]?.string else { return nil }
    // Bytes go by in hundreds of lines; that it is done is worth one.
    return event["done"] == true ? log("stdout", message) : .nothing
  }

  private static func decode(policy event: JSONValue) -> PulumiMessage? {
    guard let message = event["message"]?.string else { return nil }
    let severity: Diagnostic.Severity = event["enforcementLevel"]?.string == "mandatory" ? .error : .warning
    let urn = event["resourceUrn"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    return .event(.diagnostic(diagnostic(severity, trimmed(message), of: urn)))
  }

  /// What would be made is another thing then than the program says.
  private static func decode(remediation event: JSONValue) -> PulumiMessage? {
    guard let name = event["policyName"]?.string else { return nil }
    let urn = event["resourceUrn"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    return .event(.diagnostic(diagnostic(.warning, "The policy `\(name)` has changed the resource", of: urn)))
  }

  private static func log(_ stream: String, _ text: String) -> PulumiMessage {
    .event(.log(stream: stream, line: trimmed(text)))
  }

  private static func diagnostic(
    _ severity: Diagnostic.Severity,
    _ text: String,
    of urn: String?
  ) -> EngineDiagnostic {
    let lines = text.split(separator: "\n", maxSplits: 1)
    return EngineDiagnostic(
      severity: severity,
      summary: lines.first.map(String.init) ?? text,
      detail: lines.count > 1 ? String(lines[1]) : "",
      address: urn.map(PulumiURN.name)
    )
  }

  private static func trimmed(_ text: String) -> String {
    // Only what is no ASCII needs to be looked at as characters.
    var bytes = text.utf8[...]
    while let last = bytes.last, last < 0x80 {
      guard 0x0A...0x0D ~= last else {
        return bytes.endIndex == text.endIndex ? text : String(text[..<bytes.endIndex])
      }
      bytes.removeLast()
    }
    var rest = text[..<bytes.endIndex]
    while rest.last?.isNewline == true { rest.removeLast() }
    return String(rest)
  }
}

/// A resource's name for Pulumi: `urn:pulumi:<stack>::<project>::<types>::<name>`, types joined by `$`.
package enum PulumiURN {
  /// As a person knows it: what the program calls it.
  package static func name(_ urn: String) -> String { String(parts(urn).name) }

  /// Of a resource that is part of no other.
  package static func of(_ name: String, type: String, stack: String, project: String) -> String {
    "urn:pulumi:\(stack)::\(project)::\(type)::\(name)"
  }

  /// Its own type, without those of what it is part of.
  package static func type(_ urn: String) -> String {
    guard let types = parts(urn).types else { return "" }
    return String(
      types.utf8.lastIndex(of: UInt8(ascii: "$")).map { types[types.utf8.index(after: $0)...] } ?? types
    )
  }

  /// What stands before the third `::` and behind the second, and what stands behind the last of the three.
  private static func parts(_ urn: String) -> (types: Substring?, name: Substring) {
    let bytes = urn.utf8
    var rest = urn[...]
    var last: Substring?
    for number in 1...3 {
      guard
        let colons = rest.utf8.indices.first(where: {
          bytes[$0] == UInt8(ascii: ":") && bytes.index(after: $0) < bytes.endIndex
            && bytes[bytes.index(after: $0)] == UInt8(ascii: ":")
        })
      else { return (nil, rest) }
      if number == 3 { last = rest[..<colons] }
      rest = urn[bytes.index(colons, offsetBy: 2)...]
    }
    return (last, rest)
  }
}

extension PulumiMessage.Summary {
  init(_ event: JSONValue) {
    let counts = event["resourceChanges"]
    func count(_ operations: String...) -> Int { operations.reduce(0) { $0 + (counts?[$1]?.int ?? 0) } }
    let replaced = count("replace")
    self.init(
      changes: ChangeSummary(
        add: count("create") + replaced,
        change: count("update"),
        remove: count("delete") + replaced,
        import: count("import")
      ),
      isPreview: event["isPreview"]?.bool ?? false,
      result: event["result"]?.string.flatMap(Result.init),
      isDoubtful: event["maybeCorrupt"]?.bool ?? false,
      seconds: event["durationSeconds"]?.int ?? 0
    )
  }
}

extension PlannedChange {
  init(urn: String, operation: String) {
    self.init(
      address: PulumiURN.name(urn),
      type: PulumiURN.type(urn),
      action: Action(pulumi: operation),
      reason: nil,
      previousAddress: nil,
      importID: nil
    )
  }
}

extension PlannedChange.Action {
  init(pulumi operation: String) {
    self =
      switch operation {
      case "create", "import": .create
      case "update": .update
      case "delete", "discard": .delete
      case "replace", "create-replacement", "delete-replaced", "import-replacement": .replace
      case "read", "read-replacement", "refresh": .read
      default: .noop
      }
  }
}
