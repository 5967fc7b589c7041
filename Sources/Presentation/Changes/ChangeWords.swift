import StackModel

/// How a change is called and marked, in every output.
extension PlannedChange {
  /// Whether there is anything to tell: a plan also lists what stays as it is.
  var isWorthTelling: Bool { action != .noop || previousAddress != nil || importID != nil }

  /// The mark that Terraform's users know, and an arrow for what only moves.
  var symbol: String {
    switch action {
    case .create: "+"
    case .update: "~"
    case .delete: "-"
    case .replace: "-/+"
    case .read: "<="
    case .forget: "."
    case .noop: previousAddress != nil ? "→" : "="
    }
  }

  var verb: String {
    switch action {
    case .create: "create"
    case .update: "update"
    case .delete: "delete"
    case .replace: "replace"
    case .read: "read"
    case .forget: "forget"
    case .noop: previousAddress != nil ? "move" : "import"
    }
  }

  var role: Style.Role {
    switch action {
    case .create: .create
    case .update: .update
    case .delete, .replace: .delete
    case .read, .noop, .forget: .read
    }
  }

  /// What stands behind the address: where it came from and why.
  var notes: [String] {
    var notes: [String] = []
    if let previousAddress { notes.append("moved from \(SafeText.line(previousAddress))") }
    if let importID { notes.append("import \(ValueText.inline(.string(importID), limit: 80))") }
    if action == .forget { notes.append("no longer managed, not destroyed") }
    if let reason, let words = Self.words(for: reason) { notes.append(words) }
    return notes
  }

  /// Terraform's reason in plain words. Nil for reasons that the action itself tells.
  private static func words(for reason: String) -> String? {
    switch reason {
    case "cannot_update", "replace_because_cannot_update": "cannot be updated in place"
    case "tainted", "replace_because_tainted": "damaged by a failed apply"
    case "requested", "replace_by_request": "replacement asked for"
    case "replace_triggered_by", "replace_by_triggers": "replaced along with another resource"
    case "delete_because_no_resource_config": "no longer in the program"
    case "delete_because_no_module": "its module is no longer in the program"
    case "delete_because_wrong_repetition", "delete_because_count_index", "delete_because_each_key":
      "its index or key is no longer in the program"
    case "delete_because_no_move_target": "moved to an address that is not in the program"
    case "read_because_config_unknown": "depends on values known after apply"
    case "read_because_dependency_pending": "depends on a resource that changes"
    case "none", "unknown", "read_because_check_nested": nil
    default: SafeText.line(reason)
    }
  }
}

extension ChangeSummary {
  /// For example `1 to import, 3 to add, 1 to change, 0 to destroy`.
  var planned: String {
    (self.import > 0 ? "\(self.import) to import, " : "")
      + "\(add) to add, \(change) to change, \(remove) to destroy"
  }

  /// For example `3 added, 1 changed, 0 destroyed`.
  var done: String {
    (self.import > 0 ? "\(self.import) imported, " : "")
      + "\(add) added, \(change) changed, \(remove) destroyed"
  }
}

/// One sentence about a plan as a whole.
enum PlanSentence {
  static func text(_ plan: PlanReady, operation: Operation?, drifted: Int) -> String {
    switch operation {
    case .drift, .refresh:
      if drifted > 0 {
        return "Drift: \(counted(drifted, "resource")) changed outside."
      }
      if !plan.hasChanges { return "No drift. What is there is what the state says." }
    default: break
    }
    if !plan.summary.isEmpty { return "Plan: \(plan.summary.planned)." }
    if plan.outputChanges > 0 {
      return "Plan: no resource changes; \(counted(plan.outputChanges, "output")) to change."
    }
    switch operation {
    case .destroy, .destroyPreview: return "No changes. There is nothing to destroy."
    default: return "No changes. What is there is what the manifest says."
    }
  }
}
