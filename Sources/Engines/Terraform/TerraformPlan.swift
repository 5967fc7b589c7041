package import StackModel

/// A saved plan as `show -json` tells it.
package struct TerraformPlan: Sendable {
  /// What the plan means to do, without the resources it leaves alone.
  package var changes: [PlannedChange]
  /// What was found really changed behind the state's back; see ``RealDrift``.
  package var drift: [PlannedChange]
  /// Whether a refresh would change anything in the state, real drift or not.
  package var hasRefreshChanges: Bool
  package var outputChanges: Int
  package var isErrored: Bool

  /// - Parameters:
  ///   - json: what `show -json` printed.
  ///   - owned: `<address>.<attribute>` whose changes are somebody else's right, not drift.
  package init(json: JSONValue, owned: Set<String> = []) {
    let drift = RealDrift(configuration: json["configuration"], owned: owned)
    self.init(json: json, reported: Self.changes(json["resource_drift"]), real: drift)
  }

  /// - Parameters:
  ///   - file: what ``TerraformPlanFile`` has read.
  ///   - words: all words of the program.
  /// - Returns: nil when it takes the program's configuration to tell what is drift.
  package init?(file: JSONValue, words: Set<String>, owned: Set<String> = []) {
    let real = RealDrift(words: words, owned: owned)
    let reported = Self.changes(file["resource_drift"])
    guard reported.allSatisfy(real.canTell) else { return nil }
    self.init(json: file, reported: reported, real: real)
  }

  private init(json: JSONValue, reported: [PlannedChange], real: RealDrift) {
    changes = Self.changes(json["resource_changes"])
    hasRefreshChanges = !reported.isEmpty
    drift = reported.compactMap(real.filter)
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
