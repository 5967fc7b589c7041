/// A Terraform value: what a configuration, a plan or a state says of one resource.
///
/// A value alone does not tell a list from a set or a map from an object; its ``ValueType`` does.
package indirect enum Value: Sendable, Hashable {
  case null
  /// Known only after apply.
  case unknown
  case bool(Bool)
  /// The number's shortest decimal text, as ``Value/number(canonical:)`` makes it.
  case number(String)
  case string(String)
  /// A list, set or tuple. The elements of a set stand in the order they came in.
  case list([Value])
  /// A map or an object.
  case object([String: Value])
  /// A value in a place whose type is decided at run time, with the type it has there.
  case dynamic(ValueType, Value)
}

extension Value {
  package static func int(_ value: Int) -> Value { .number(String(value)) }

  /// One text for one number, so that `1`, `1.0` and `1e0` compare as equal.
  package static func number(canonical text: String) -> Value {
    if let integer = Int64(text) { return .number(String(integer)) }
    if let integer = UInt64(text) { return .number(String(integer)) }
    // A whole number above this is not exact in a double; its text is kept as it came.
    guard let double = Double(text), double.magnitude < 9_007_199_254_740_992 else { return .number(text) }
    return .number(double == double.rounded() ? String(Int64(double)) : "\(double)")
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  package var elements: [Value]? { if case .list(let elements) = self { elements } else { nil } }
  package var members: [String: Value]? { if case .object(let members) = self { members } else { nil } }
  package var isNull: Bool { self == .null }

  /// Whether nothing in it is left for apply.
  package var isWhollyKnown: Bool {
    switch self {
    case .unknown: false
    case .list(let elements): elements.allSatisfy(\.isWhollyKnown)
    case .object(let members): members.values.allSatisfy(\.isWhollyKnown)
    case .dynamic(_, let value): value.isWhollyKnown
    case .null, .bool, .number, .string: true
    }
  }

  /// A member of an object; null for anything else, as a block that is left out has no members.
  package subscript(_ name: String) -> Value {
    get { members?[name] ?? .null }
    set {
      guard case .object(var members) = self else { return }
      members[name] = newValue
      self = .object(members)
    }
  }

  /// Whether two values of one type are the same, sets in whatever order.
  package func equals(_ other: Value, as type: ValueType) -> Bool {
    if self == other { return true }
    switch (type, self, other) {
    case (.set(let element), .list(let mine), .list(var theirs)):
      guard mine.count == theirs.count else { return false }
      for value in mine {
        guard let index = theirs.firstIndex(where: { value.equals($0, as: element) }) else { return false }
        theirs.remove(at: index)
      }
      return true
    case (.list(let element), .list(let mine), .list(let theirs)):
      return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.equals($1, as: element) }
    case (.object(let attributes), .object, .object):
      return attributes.allSatisfy { self[$0.key].equals(other[$0.key], as: $0.value) }
    default: return false
    }
  }
}
