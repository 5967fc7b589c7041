/// A JSON document as a value.
///
/// Objects keep the order of their keys and numbers keep the text they were written with, so that
/// what comes in from a tool goes out again unchanged: a 64-bit id is not rounded, `1.0` stays `1.0`.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// The number's source text, for example `1e3`.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .number(String(value)) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }

  package static func int(_ value: Int) -> JSONValue { .number(String(value)) }
}

extension JSONValue {
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var int: Int? { if case .number(let text) = self { Int(text) } else { nil } }
  package var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  package var isNull: Bool { if case .null = self { true } else { false } }

  /// Null, or a text, list or object with nothing in it. Providers write one for the other: between
  /// two such values nothing has changed.
  package var isEmpty: Bool {
    switch self {
    case .null: true
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let object): object.isEmpty
    case .bool, .number: false
    }
  }

  /// The member of an object, or nil for anything else.
  package subscript(key: String) -> JSONValue? { object?[key] }

  /// The element of an array, or nil for anything else.
  package subscript(index: Int) -> JSONValue? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }
}

/// The members of a JSON object, in the order they were written.
package struct JSONObject: Sendable {
  package private(set) var members: [(key: String, value: JSONValue)]
  /// Built once an object is too large for a scan to be quicker.
  private var positions: [String: Int]?
  private static let scanLimit = 12

  package init() { members = [] }

  /// A later member with the same key replaces the earlier one.
  package init(_ elements: [(String, JSONValue)]) {
    members = []
    members.reserveCapacity(elements.count)
    for (key, value) in elements { self[key] = value }
  }

  package var count: Int { members.count }
  package var isEmpty: Bool { members.isEmpty }
  package var keys: [String] { members.map(\.key) }

  private func position(of key: String) -> Int? {
    if let positions { return positions[key] }
    return members.firstIndex { $0.key == key }
  }

  package subscript(key: String) -> JSONValue? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): members[position].value = value
      case (nil, let value?):
        members.append((key, value))
        if positions != nil {
          positions?[key] = members.count - 1
        } else if members.count > Self.scanLimit {
          positions = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.key, $0) })
        }
      case (let position?, nil):
        members.remove(at: position)
        positions = nil
      case (nil, nil): break
      }
    }
  }
}

/// Two objects are equal when they hold the same members, in whatever order.
extension JSONObject: Hashable {
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
  }

  package func hash(into hasher: inout Hasher) {
    var combined = 0
    for (key, value) in members {
      var one = Hasher()
      one.combine(key)
      one.combine(value)
      combined ^= one.finalize()
    }
    hasher.combine(combined)
  }
}

extension JSONObject: Sequence {
  package func makeIterator() -> IndexingIterator<[(key: String, value: JSONValue)]> {
    members.makeIterator()
  }
}
