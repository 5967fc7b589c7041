package import StackModel

/// A step as an event tells it in full: with the inputs before and after.
///
/// ``PulumiMessage`` passes over these, which are most of a line; they are read of the few that matter.
package struct PulumiStep: Sendable {
  private let metadata: JSONValue
  private let isEnd: Bool

  /// - Parameter line: a `resourcePreEvent` or `resOutputsEvent`; nil for any other.
  package init?(line: String) {
    guard let json = try? JSONValue(parsing: line) else { return nil }
    isEnd = json["resOutputsEvent"] != nil
    guard let event = json["resOutputsEvent"] ?? json["resourcePreEvent"], let metadata = event["metadata"]
    else { return nil }
    self.metadata = metadata
  }

  private static let unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
  private static let secret = "[secret]"

  /// What the step changes of the program's own inputs.
  package var attributes: [AttributeChange] {
    let (before, after) = (inputs("old"), inputs("new"))
    return AttributeDiff.changes(in: [
      "before": before, "after": after, "before_sensitive": Self.marks(before, of: Self.secret),
      "after_sensitive": Self.marks(after, of: Self.secret),
      "after_unknown": Self.marks(after, of: Self.unknown),
      "replace_paths": .array(
        forced.map { .array($0.map { step in Int(step).map(JSONValue.int) ?? .string(step) }) }
      ),
    ])
  }

  /// What a refresh found to differ from the state: it tells so when it ends the step.
  package var drift: PlannedChange? {
    guard isEnd, let urn = metadata["urn"]?.string, let operation = metadata["op"]?.string,
      ["update", "delete"].contains(operation), !PulumiURN.type(urn).hasPrefix("pulumi:")
    else { return nil }
    var change = PlannedChange(urn: urn, operation: operation)
    change.attributes = (metadata["detailedDiff"]?.object ?? [:]).map { path, _ in
      AttributeChange(
        path: path,
        before: Self.value(metadata["old"]?["outputs"] ?? .null, at: path),
        after: Self.value(metadata["new"]?["outputs"] ?? .null, at: path)
      )
    }.sorted { $0.path < $1.path }
    return change
  }

  /// The inputs of one side, without those that Pulumi keeps for itself.
  private func inputs(_ side: String) -> JSONValue {
    guard let object = metadata[side]?["inputs"]?.object else { return .null }
    return .object(JSONObject(object.filter { !$0.key.hasPrefix("__") }.map { ($0.key, $0.value) }))
  }

  private var forced: [[String]] {
    (metadata["detailedDiff"]?.object ?? [:]).compactMap { path, difference in
      difference["diffKind"]?.string?.hasSuffix("-replace") == true ? Self.steps(path) : nil
    }
  }

  /// The same shape with `true` where a text stands for something that is not told.
  private static func marks(_ value: JSONValue, of text: String) -> JSONValue {
    switch value {
    case .string(text): true
    case .array(let elements): .array(elements.map { marks($0, of: text) })
    case .object(let object): .object(JSONObject(object.map { ($0.key, marks($0.value, of: text)) }))
    default: false
    }
  }

  private static func value(_ document: JSONValue, at path: String) -> AttributeChange.Value {
    var found: JSONValue? = document
    for step in steps(path) { found = Int(step).flatMap { found?[$0] } ?? found?[step] }
    guard let found, !found.isNull else { return .absent }
    return found.string == secret ? .sensitive : .known(found)
  }

  /// The steps of a path such as `spec.containers[0]["a.b"]`.
  static func steps(_ path: String) -> [String] {
    var steps: [String] = []
    var current = ""
    var quoted = false
    for character in path {
      switch character {
      case "\"": quoted.toggle()
      case ".", "[", "]":
        if quoted {
          current.append(character)
        } else if !current.isEmpty {
          steps.append(current)
          current = ""
        }
      default: current.append(character)
      }
    }
    return current.isEmpty ? steps : steps + [current]
  }
}
