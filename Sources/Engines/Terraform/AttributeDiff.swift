package import StackModel

/// Finds the attributes in which the two sides of a planned change differ.
package enum AttributeDiff {
  /// - Parameter change: the `change` member of a resource in a plan document: `before`, `after`,
  ///   `after_unknown`, `before_sensitive`, `after_sensitive` and `replace_paths`.
  package static func changes(in change: JSONValue) -> [AttributeChange] {
    var walk = Walk(forced: Set((change["replace_paths"]?.array ?? []).map(path(of:))))
    walk.compare(
      path: "",
      before: Side(value: change["before"], unknown: nil, sensitive: change["before_sensitive"]),
      after: Side(
        value: change["after"],
        unknown: change["after_unknown"],
        sensitive: change["after_sensitive"]
      )
    )
    return walk.found
  }

  /// One side of an attribute: its value and the marks that lie over it in the same shape.
  private struct Side {
    var value: JSONValue?
    var unknown: JSONValue?
    var sensitive: JSONValue?

    /// A mark of `true` covers everything below it.
    var isUnknown: Bool { unknown == true }
    var isSensitive: Bool { sensitive == true }

    var isAbsent: Bool { (value ?? .null).isNull && unknown?.hasMark != true }

    var isEmpty: Bool { (value ?? .null).isEmpty && unknown?.hasMark != true && !isSensitive }

    /// A mark deeper inside hides the whole, where the whole is shown in one piece.
    var hasSensitive: Bool { sensitive?.hasMark == true }

    func leaf(hides: Bool) -> AttributeChange.Value {
      if isUnknown { return .knownAfterApply }
      if isAbsent { return .absent }
      return hides ? .sensitive : .known(value ?? .null)
    }

    func member(_ key: String) -> Side {
      Side(
        value: value?[key],
        unknown: isUnknown ? true : unknown?[key],
        sensitive: isSensitive ? true : sensitive?[key]
      )
    }

    func element(_ index: Int) -> Side {
      Side(
        value: value?[index],
        unknown: isUnknown ? true : unknown?[index],
        sensitive: isSensitive ? true : sensitive?[index]
      )
    }
  }

  private struct Walk {
    let forced: Set<String>
    var found: [AttributeChange] = []

    mutating func compare(path: String, before: Side, after: Side) {
      // Sensitive values are empty or not without our telling.
      if before.isEmpty && after.isEmpty { return }
      if after.unknown?.hasMark != true, before.value == after.value {
        return
      }
      if !after.isUnknown, !before.isSensitive, !after.isSensitive {
        if let keys = Self.sharedKeys(before, after, isRoot: path.isEmpty) {
          for key in keys {
            compare(
              path: path.isEmpty ? key : "\(path).\(key)",
              before: before.member(key),
              after: after.member(key)
            )
          }
          return
        }
        if let count = Self.sharedCount(before, after) {
          for index in 0..<count {
            compare(path: "\(path)[\(index)]", before: before.element(index), after: after.element(index))
          }
          return
        }
      }
      // What is secret on one side was so on the other, or the other would tell it.
      let hides = before.hasSensitive || after.hasSensitive
      found.append(
        AttributeChange(
          path: path,
          before: before.leaf(hides: hides),
          after: after.leaf(hides: hides),
          forcesReplacement: isForced(path)
        )
      )
    }

    /// True for an attribute that forces a replacement, and for what lies inside one.
    private func isForced(_ path: String) -> Bool {
      forced.contains { path == $0 || path.hasPrefix("\($0).") || path.hasPrefix("\($0)[") }
    }

    /// The keys to look at when both sides are objects, or when the resource as a whole is there on
    /// one side only.
    private static func sharedKeys(_ before: Side, _ after: Side, isRoot: Bool) -> [String]? {
      switch (before.value?.object, after.value?.object) {
      case (let left?, let right?): Set(left.keys + right.keys + unknownKeys(after)).sorted()
      case (let only?, nil) where isRoot, (nil, let only?) where isRoot:
        Set(only.keys + unknownKeys(after)).sorted()
      default: nil
      }
    }

    private static func unknownKeys(_ side: Side) -> [String] { side.unknown?.object?.keys ?? [] }

    /// Lists are compared by element only when none was added or removed: a shifted list reads
    /// better whole.
    private static func sharedCount(_ before: Side, _ after: Side) -> Int? {
      guard let left = before.value?.array, let right = after.value?.array, left.count == right.count
      else { return nil }
      let isStructured = (left + right).contains { $0.object != nil || $0.array != nil }
      return isStructured ? left.count : nil
    }
  }

  /// The written form of a path such as `["ingress", 0, "from_port"]`.
  private static func path(of steps: JSONValue) -> String {
    (steps.array ?? []).reduce(into: "") { text, step in
      if let key = step.string {
        text += text.isEmpty ? key : ".\(key)"
      } else if let index = step.int {
        text += "[\(index)]"
      }
    }
  }
}

extension JSONValue {
  /// Whether a tree of marks has a `true` anywhere.
  fileprivate var hasMark: Bool {
    switch self {
    case .bool(let value): value
    case .array(let elements): elements.contains(where: \.hasMark)
    case .object(let object): object.contains { $0.value.hasMark }
    default: false
    }
  }
}
