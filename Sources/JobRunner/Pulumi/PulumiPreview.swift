import Digests
import StackModel

/// What a preview found, as far as an approval stands for it.
struct PulumiPreview: Sendable {
  var summary: ChangeSummary
  var changes: [PlannedChange]

  /// Which resources, what becomes of each, and which inputs change; values are the program's, which has a digest of
  /// its own, and names that a provider makes up differ from preview to preview.
  var document: JSONValue {
    [
      "summary": summary.json,
      "changes": .array(
        changes.filter { $0.action != .noop && $0.action != .read }.sorted {
          ($0.address, $0.type, $0.action.rawValue) < ($1.address, $1.type, $1.action.rawValue)
        }.map { change in
          [
            "address": .string(change.address), "type": .string(change.type),
            "action": .string(change.action.rawValue),
            "inputs": .array(
              change.action == .update || change.action == .replace
                ? change.attributes.map(\.path).sorted().map(JSONValue.string) : []
            ),
          ]
        }
      ),
    ]
  }

  var bytes: [UInt8] { document.bytes(.pretty) }
}
