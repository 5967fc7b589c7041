package import StackModel

extension YAMLNode {
  /// The value as JSON. Infinity and not-a-number, which JSON cannot say, become their source text.
  package var json: JSONValue {
    switch content {
    case .scalar(let scalar): scalar.json
    case .sequence(let elements): .array(elements.map(\.json))
    case .mapping(let mapping): .object(JSONObject(mapping.entries.map { ($0.key, $0.value.json) }))
    }
  }

  /// A JSON value as a node; every part gets the same location.
  package init(json: JSONValue, at location: SourceLocation) {
    switch json {
    case .null: self.init(.scalar(Scalar(plain: "null")), at: location)
    case .bool(let value): self.init(.scalar(Scalar(plain: value ? "true" : "false")), at: location)
    case .number(let text): self.init(.scalar(Scalar(plain: text)), at: location)
    case .string(let text): self.init(text: text, at: location)
    case .array(let elements):
      self.init(.sequence(elements.map { YAMLNode(json: $0, at: location) }), at: location)
    case .object(let object):
      var mapping = YAMLMapping()
      for (key, value) in object {
        mapping.set(YAMLMapping.Entry(key: key, at: location, value: YAMLNode(json: value, at: location)))
      }
      self.init(.mapping(mapping), at: location)
    }
  }
}

extension Scalar {
  package var json: JSONValue {
    switch value {
    case .null: .null
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .float(let value):
      if !value.isFinite {
        .string(text)
      } else if Self.isJSONNumber(text) {
        .number(text)
      } else {
        .number("\(value)")
      }
    case .string(let value): .string(value)
    }
  }

  /// `1.50` and `1e3` go out as they came in; `.5` and `1.` are not JSON and must be written anew.
  private static func isJSONNumber(_ text: String) -> Bool {
    if case .number = try? JSONValue(parsing: text) { true } else { false }
  }
}
