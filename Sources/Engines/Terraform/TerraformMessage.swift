package import StackModel

/// What one line of Terraform's machine-readable output means to us.
///
/// The format is Terraform's "machine-readable UI"; types that we do not know become log lines, so
/// that nothing a newer version says is lost.
package enum TerraformMessage: Sendable {
  case event(JobEvent.Body)
  /// The outputs of an apply.
  case outputs([StackOutput])
  /// How many outputs a plan would change.
  case outputChanges(Int)
  case summary(ChangeSummary, operation: String)
  /// Something that matters to nobody, such as the version banner.
  case nothing
}

extension TerraformMessage {
  /// Reads one line. Text that is not JSON is a log line of its stream.
  package init(line: String, stream: String) {
    guard line.utf8.first == UInt8(ascii: "{"), let json = try? JSONValue(parsing: line),
      let type = json["type"]?.string
    else {
      self = line.isEmpty ? .nothing : .event(.log(stream: stream, line: line))
      return
    }
    self = Self.decode(type, json) ?? .event(.log(stream: stream, line: json["@message"]?.string ?? line))
  }

  private static func decode(_ type: String, _ json: JSONValue) -> TerraformMessage? {
    switch type {
    case "version": return .nothing
    case "diagnostic":
      guard let diagnostic = EngineDiagnostic(terraform: json["diagnostic"]) else { return nil }
      return .event(.diagnostic(diagnostic))
    case "planned_change":
      guard let change = PlannedChange(terraformUI: json["change"]) else { return nil }
      return .event(.resourcePlanned(change))
    case "resource_drift":
      guard let change = PlannedChange(terraformUI: json["change"]) else { return nil }
      return .event(.resourceDrifted(change))
    case "change_summary":
      guard let changes = json["changes"] else { return nil }
      return .summary(ChangeSummary(terraform: changes), operation: changes["operation"]?.string ?? "")
    case "outputs":
      guard let outputs = json["outputs"]?.object else { return nil }
      if outputs.contains(where: { $0.value["action"] != nil }) {
        return .outputChanges(outputs.filter { $0.value["action"]?.string != "noop" }.count)
      }
      return .outputs(outputs.map { StackOutput(name: $0.key, terraform: $0.value) })
    default:
      guard let hook = json["hook"] else { return nil }
      return decodeHook(type, hook)
    }
  }

  private static func decodeHook(_ type: String, _ hook: JSONValue) -> TerraformMessage? {
    guard let address = hook["resource"]?["addr"]?.string else { return nil }
    let step = ResourceStep(
      address: address,
      action: hook["action"]?.string ?? "refresh",
      seconds: hook["elapsed_seconds"]?.int ?? 0,
      id: hook["id_value"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    )
    switch type {
    case "apply_start", "refresh_start", "ephemeral_op_start": return .event(.resourceStarted(step))
    case "apply_progress", "ephemeral_op_progress": return .event(.resourceProgress(step))
    case "apply_complete", "refresh_complete", "ephemeral_op_complete":
      return .event(.resourceFinished(step))
    case "apply_errored", "ephemeral_op_errored": return .event(.resourceFailed(step))
    default: return nil
    }
  }
}

extension StackOutput {
  /// An output as `outputs` messages and `output -json` show it. Where Terraform withholds a
  /// sensitive value, null stands for it.
  package init(name: String, terraform json: JSONValue) {
    self.init(name: name, value: json["value"] ?? .null, isSensitive: json["sensitive"]?.bool ?? false)
  }
}

extension ChangeSummary {
  init(terraform changes: JSONValue) {
    self.init(
      add: changes["add"]?.int ?? 0,
      change: changes["change"]?.int ?? 0,
      remove: changes["remove"]?.int ?? 0,
      import: changes["import"]?.int ?? 0
    )
  }
}

extension PlannedChange {
  /// A change as the `planned_change` and `resource_drift` messages show it: without attributes.
  init?(terraformUI change: JSONValue?) {
    guard let change, let address = change["resource"]?["addr"]?.string,
      let action = change["action"]?.string
    else { return nil }
    self.init(
      address: address,
      type: change["resource"]?["resource_type"]?.string ?? "",
      action: Action(terraformUI: action),
      reason: change["reason"]?.string,
      previousAddress: change["previous_resource"]?["addr"]?.string,
      importID: change["importing"]?["id"]?.string
    )
  }
}

extension PlannedChange.Action {
  init(terraformUI name: String) {
    self =
      switch name {
      case "create": .create
      case "read": .read
      case "update": .update
      case "replace": .replace
      case "delete": .delete
      case "remove", "forget": .forget
      default: .noop
      }
  }
}

extension EngineDiagnostic {
  package init?(terraform json: JSONValue?) {
    guard let json, let summary = json["summary"]?.string else { return nil }
    let severity: Diagnostic.Severity = json["severity"]?.string == "warning" ? .warning : .error
    var snippet: Snippet?
    if let code = json["snippet"]?["code"]?.string {
      snippet = Snippet(
        file: json["range"]?["filename"]?.string ?? "",
        line: json["snippet"]?["start_line"]?.int ?? 0,
        code: code
      )
    }
    let values = json["snippet"]?["values"]?.array ?? []
    self.init(
      severity: severity,
      summary: summary,
      detail: json["detail"]?.string ?? "",
      address: json["address"]?.string,
      snippet: snippet,
      references: values.compactMap { $0["traversal"]?.string }
    )
  }
}
