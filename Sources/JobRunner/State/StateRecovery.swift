import StackModel

/// Decides about a state file that an engine left in its workspace.
enum StateRecovery: Equatable {
  /// It continues the stack's state: take it in.
  case adopt
  /// The stack has moved on, or has the very same.
  case outdated
  /// It is no state, or another stack's.
  case foreign(reason: String)

  static func decide(candidate: [UInt8], newest: StateStore.Snapshot?) -> StateRecovery {
    guard let json = try? JSONValue(parsing: candidate), let serial = json["serial"]?.int,
      let lineage = json["lineage"]?.string
    else { return .foreign(reason: "it is not a whole state document") }
    guard let newest else { return .adopt }
    guard lineage == newest.lineage else {
      return .foreign(reason: "its lineage is \(lineage), the stack's is \(newest.lineage)")
    }
    return serial > newest.serial ? .adopt : .outdated
  }
}
