package import StackModel

/// A saved plan as `show -json` tells it.
package struct TerraformPlan: Sendable {
  /// What the plan means to do, without the resources it leaves alone.
  package var changes: [PlannedChange]
  /// What was found changed behind the state's back.
  package var drift: [PlannedChange]
  package var outputChanges: Int
  package var isErrored: Bool

  package init(json: JSONValue) {
    changes = Self.changes(json["resource_changes"])
    drift = Self.changes(json["resource_drift"])
    outputChanges =
      json["output_changes"]?.object?.count { $0.value["actions"] != ["no-op"] } ?? 0
    isErrored = json["errored"]?.bool ?? false
  }

  package var summary: ChangeSummary { ChangeSummary(counting: changes) }

  private static func changes(_ json: JSONValue?) -> [PlannedChange] {
    (json?.array ?? []).compactMap(PlannedChange.init(terraformPlan:))
      .filter { $0.action != .noop || $0.previousAddress != nil || $0.importID != nil }
  }
}

extension PlannedChange {
  /// An element of `resource_changes` or `resource_drift`. Data sources are no resources to change.
  fileprivate init?(terraformPlan json: JSONValue) {
    guard let address = json["address"]?.string, let change = json["change"],
      json["mode"]?.string != "data"
    else { return nil }
    self.init(
      address: address,
      type: json["type"]?.string ?? "",
      action: Action(terraformPlan: change["actions"]?.array?.compactMap(\.string) ?? []),
      reason: json["action_reason"]?.string,
      previousAddress: json["previous_address"]?.string,
      importID: change["importing"]?["id"]?.string,
      attributes: AttributeDiff.changes(in: change)
    )
  }
}

extension PlannedChange.Action {
  init(terraformPlan actions: [String]) {
    self =
      switch actions {
      case ["create"]: .create
      case ["read"]: .read
      case ["update"]: .update
      case ["delete"]: .delete
      case ["delete", "create"], ["create", "delete"]: .replace
      case ["forget"]: .forget
      default: .noop
      }
  }
}
