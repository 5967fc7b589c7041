import StackModel

/// The places in which two JSON documents differ.
///
/// Lists are compared the way people read them: elements with a name of their own (a container's
/// `name`, a policy statement's `Sid`) are matched by it, plain values as a set with an order, others
/// by position once what both lists begin and end with is set aside.
struct JSONDiff {
  struct Entry: Equatable {
    /// For example `Statement[Sid=Logs].Action`; empty for the document as a whole.
    var path: String
    /// Nil where the document has nothing at the path.
    var before: JSONValue?
    var after: JSONValue?
  }

  private(set) var entries: [Entry] = []

  static func entries(before: JSONValue?, after: JSONValue?) -> [Entry] {
    var diff = JSONDiff()
    diff.compare("", before, after)
    return diff.entries
  }

  private mutating func compare(_ path: String, _ before: JSONValue?, _ after: JSONValue?) {
    if before == after || (before ?? .null).isEmpty && (after ?? .null).isEmpty { return }
    switch (before, after) {
    case (.object(let left)?, .object(let right)?): compareObjects(path, left, right)
    case (.object(let only)?, nil) where !only.isEmpty: compareObjects(path, only, JSONObject())
    case (nil, .object(let only)?) where !only.isEmpty: compareObjects(path, JSONObject(), only)
    case (.array(let left)?, .array(let right)?): compareArrays(path, left, right)
    case (.array(let only)?, nil) where only.hasStructure: compareArrays(path, only, [])
    case (nil, .array(let only)?) where only.hasStructure: compareArrays(path, [], only)
    default: entries.append(Entry(path: path, before: before, after: after))
    }
  }

  private mutating func compareObjects(_ path: String, _ left: JSONObject, _ right: JSONObject) {
    let added = right.keys.filter { left[$0] == nil }
    for key in left.keys + added { compare(Self.member(key, of: path), left[key], right[key]) }
  }

  private mutating func compareArrays(_ path: String, _ left: [JSONValue], _ right: [JSONValue]) {
    if let key = Self.identity(of: left, right) {
      let before = Self.byIdentity(left, key)
      let after = Self.byIdentity(right, key)
      let added = after.keys.filter { before[$0] == nil }
      for name in before.keys + added {
        compare("\(path)[\(key)=\(name)]", before[name], after[name])
      }
    } else if !left.hasStructure, !right.hasStructure {
      compareSets(path, left, right)
    } else {
      compareByPosition(path, left, right)
    }
  }

  private mutating func compareSets(_ path: String, _ left: [JSONValue], _ right: [JSONValue]) {
    let (removed, added) = (Self.without(left, right), Self.without(right, left))
    if removed.count + added.count >= left.count + right.count || removed.isEmpty && added.isEmpty {
      entries.append(Entry(path: path, before: .array(left), after: .array(right)))
      return
    }
    for value in removed { entries.append(Entry(path: "\(path)[]", before: value, after: nil)) }
    for value in added { entries.append(Entry(path: "\(path)[]", before: nil, after: value)) }
  }

  private mutating func compareByPosition(_ path: String, _ left: [JSONValue], _ right: [JSONValue]) {
    let head = zip(left, right).prefix { $0 == $1 }.count
    let rest = min(left.count, right.count) - head
    let tail = zip(left.reversed(), right.reversed()).prefix(rest).prefix { $0 == $1 }.count
    let (before, after) = (left.dropLast(tail), right.dropLast(tail))
    for index in head..<max(before.count, after.count) {
      let left = index < before.count ? before[index] : JSONValue?.none
      let right = index < after.count ? after[index] : JSONValue?.none
      compare("\(path)[\(index)]", left, right)
    }
  }

  // MARK: Parts

  static func member(_ key: String, of path: String) -> String {
    let isPlain =
      !key.isEmpty
      && key.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || "0123456789_-:/".unicodeScalars.contains($0)
      }
    if !isPlain { return "\(path)[\(JSONValue.string(key).text())]" }
    return path.isEmpty ? key : "\(path).\(key)"
  }

  private static let identities = ["name", "Sid", "key", "Key", "id"]

  /// The member by which every element of both lists is told apart, if there is one.
  private static func identity(of left: [JSONValue], _ right: [JSONValue]) -> String? {
    identities.first { key in
      [left, right].allSatisfy { list in
        let names = list.compactMap { $0[key]?.string }
        return names.count == list.count && Set(names).count == names.count
      } && !(left.isEmpty && right.isEmpty)
    }
  }

  private static func byIdentity(_ list: [JSONValue], _ key: String) -> JSONObject {
    JSONObject(list.map { ($0[key]?.string ?? "", $0) })
  }

  /// What is in `list` and, counted one for one, not in `other`.
  private static func without(_ list: [JSONValue], _ other: [JSONValue]) -> [JSONValue] {
    var left = Dictionary(other.map { ($0, 1) }, uniquingKeysWith: +)
    return list.filter { value in
      guard let count = left[value], count > 0 else { return true }
      left[value] = count - 1
      return false
    }
  }
}

extension [JSONValue] {
  fileprivate var hasStructure: Bool { contains { $0.object != nil || $0.array != nil } }
}

extension JSONValue {
  /// The object or list that a string holds as JSON text, for example an IAM policy.
  var document: JSONValue? {
    guard let text = string, let first = text.utf8.first(where: { !" \n\r\t".utf8.contains($0) }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      let parsed = try? JSONValue(parsing: text)
    else { return nil }
    return parsed
  }

  /// A value that says nothing: null, an empty text, list or object.
  var isBlank: Bool {
    switch self {
    case .null, .string(""), .array([]): true
    case .object(let object): object.isEmpty
    default: false
    }
  }
}
