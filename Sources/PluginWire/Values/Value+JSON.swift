package import StackModel

/// A JSON text that does not fit the type it should have.
package struct ValueError: Error, Hashable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}

extension Value {
  /// Reads a value as Terraform's state file holds it.
  ///
  /// A member that the type does not know is passed over, and one that is missing is null: that is
  /// what a provider does with the state of its own earlier versions.
  package init(json: JSONValue, as type: ValueType) throws(ValueError) {
    switch (type, json) {
    case (_, .null): self = .null
    case (.string, .string(let text)): self = .string(text)
    case (.string, .number(let text)): self = .string(text)
    case (.string, .bool(let value)): self = .string(value ? "true" : "false")
    case (.number, .number(let text)): self = .number(canonical: text)
    case (.number, .string(let text)) where Double(text) != nil: self = .number(canonical: text)
    case (.bool, .bool(let value)): self = .bool(value)
    case (.bool, .string("true")): self = .bool(true)
    case (.bool, .string("false")): self = .bool(false)
    case (.list(let element), .array(let parts)), (.set(let element), .array(let parts)):
      var elements: [Value] = []
      for part in parts { elements.append(try Value(json: part, as: element)) }
      self = .list(elements)
    case (.tuple(let types), .array(let parts)) where types.count == parts.count:
      var elements: [Value] = []
      for (part, type) in zip(parts, types) { elements.append(try Value(json: part, as: type)) }
      self = .list(elements)
    case (.map(let element), .object(let object)):
      var members: [String: Value] = [:]
      for (name, part) in object.members { members[name] = try Value(json: part, as: element) }
      self = .object(members)
    case (.object(let attributes), .object(let object)):
      var members: [String: Value] = [:]
      for (name, type) in attributes { members[name] = try Value(json: object[name] ?? .null, as: type) }
      self = .object(members)
    case (.dynamic, .object(let object)):
      do {
        let type = try ValueType(json: object["type"] ?? .null)
        self = .dynamic(type, try Value(json: object["value"] ?? .null, as: type))
      } catch { throw ValueError("a value of any type needs its type beside it") }
    default: throw ValueError("\(json.text()) is not of type \(type.json.text())")
    }
  }

  /// The form of Terraform's state file. What is unknown is written as null.
  package var json: JSONValue {
    switch self {
    case .null, .unknown: .null
    case .bool(let value): .bool(value)
    case .number(let text): .number(text)
    case .string(let text): .string(text)
    case .list(let elements): .array(elements.map(\.json))
    case .object(let members):
      .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
    case .dynamic(let type, let value): ["value": value.json, "type": type.json]
    }
  }
}
