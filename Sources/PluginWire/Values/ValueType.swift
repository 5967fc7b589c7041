package import StackModel

/// A type constraint in Terraform's type system.
package indirect enum ValueType: Sendable, Hashable {
  case string
  case number
  case bool
  /// Decided at run time.
  case dynamic
  case list(ValueType)
  case set(ValueType)
  case map(ValueType)
  case tuple([ValueType])
  case object([String: ValueType])
}

/// A type that is not written as Terraform writes them.
package struct ValueTypeError: Error, Hashable, CustomStringConvertible {
  package var description: String
}

extension ValueType {
  /// Reads Terraform's JSON form: `"string"`, `["list", "string"]`, `["object", {"a": "bool"}]`.
  package init(json: JSONValue) throws(ValueTypeError) {
    if let name = json.string {
      switch name {
      case "string": self = .string
      case "number": self = .number
      case "bool": self = .bool
      case "dynamic": self = .dynamic
      default: throw ValueTypeError(description: "there is no type \(name)")
      }
      return
    }
    guard let parts = json.array, parts.count >= 2, let kind = parts[0].string else {
      throw ValueTypeError(description: "\(json.text()) is no type")
    }
    switch kind {
    case "list": self = .list(try ValueType(json: parts[1]))
    case "set": self = .set(try ValueType(json: parts[1]))
    case "map": self = .map(try ValueType(json: parts[1]))
    case "tuple":
      var elements: [ValueType] = []
      for part in parts[1].array ?? [] { elements.append(try ValueType(json: part)) }
      self = .tuple(elements)
    case "object":
      var attributes: [String: ValueType] = [:]
      for (name, part) in parts[1].object?.members ?? [] { attributes[name] = try ValueType(json: part) }
      self = .object(attributes)
    default: throw ValueTypeError(description: "there is no type \(kind)")
    }
  }

  package var json: JSONValue {
    switch self {
    case .string: "string"
    case .number: "number"
    case .bool: "bool"
    case .dynamic: "dynamic"
    case .list(let element): ["list", element.json]
    case .set(let element): ["set", element.json]
    case .map(let element): ["map", element.json]
    case .tuple(let elements): ["tuple", .array(elements.map(\.json))]
    case .object(let attributes):
      [
        "object",
        .object(JSONObject(attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })),
      ]
    }
  }

  /// What a provider built on the older SDK stores where a configuration is silent.
  package var zero: Value {
    switch self {
    case .string: .string("")
    case .number: .int(0)
    case .bool: .bool(false)
    case .list, .set: .list([])
    case .map: .object([:])
    case .dynamic: .null
    case .tuple(let elements): .list(elements.map(\.zero))
    case .object(let attributes): .object(attributes.mapValues(\.zero))
    }
  }

  package var isCollection: Bool {
    switch self {
    case .list, .set, .map: true
    default: false
    }
  }
}
