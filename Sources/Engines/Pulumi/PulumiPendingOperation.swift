package import StackModel

/// An operation that a state says was begun and not ended.
package struct PulumiPendingOperation: Sendable, Equatable {
  package var urn: String
  /// `creating`, `updating`, `deleting`, `reading` or `importing`.
  package var type: String

  /// - Parameter state: what `stack export` writes.
  package static func all(in state: JSONValue) -> [PulumiPendingOperation] {
    (state["deployment"]?["pending_operations"]?.array ?? []).compactMap { item in
      guard let urn = item["resource"]?["urn"]?.string, let type = item["type"]?.string else { return nil }
      return PulumiPendingOperation(urn: urn, type: type)
    }
  }
}
