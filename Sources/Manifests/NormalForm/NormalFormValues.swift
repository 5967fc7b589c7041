import StackModel
import YAMLTree

/// Values as a normal form writes them: what does not apply is null, never left out.
extension JSONValue {
  static func optional(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
  static func optional(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? .null }
  static func optional(_ value: Bool?) -> JSONValue { value.map { .bool($0) } ?? .null }
  static func optional(_ value: [String]?) -> JSONValue { value.map { .texts($0) } ?? .null }

  static func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

  /// A map from text to text, in the order given.
  static func textMap(_ entries: [(String, String)]) -> JSONValue {
    .object(JSONObject(entries.map { ($0.0, .string($0.1)) }))
  }
}

extension DecodingView {
  /// Whether a field was written by somebody, and not filled in by the schema.
  ///
  /// A default stands where its owner's name stands, and so does its own name; what is written in a file
  /// has its name before its value. What a flag sets has one place too, but then another than the map
  /// around it. (Defaults beside it in a map that the flag made count as not written.)
  func isWritten(_ key: String) -> Bool {
    guard let entry = node.mapping?.entry(key), !entry.value.isNull else { return false }
    let place = entry.value.location
    return place != entry.keyLocation || (place.line == 0 && place != node.location)
  }

  /// The field, if somebody wrote it.
  func written(_ key: String) -> DecodingView? { isWritten(key) ? self[key] : nil }

  /// A block that can be switched off; nil when it is absent or off.
  func enabled(_ key: String, default isOn: Bool = false) -> DecodingView? {
    guard let block = self[key], block["enabled"]?.bool ?? isOn else { return nil }
    return block
  }

  /// A list that holds something; an empty one counts as absent.
  func nonEmptyList(_ key: String) -> [DecodingView]? {
    guard let list = self[key]?.list, !list.isEmpty else { return nil }
    return list
  }
}
