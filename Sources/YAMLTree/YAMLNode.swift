package import StackModel

/// A value in a YAML document that knows where it was written.
package struct YAMLNode: Sendable {
  package var content: Content
  package var location: SourceLocation

  package enum Content: Sendable {
    case scalar(Scalar)
    case sequence([YAMLNode])
    case mapping(YAMLMapping)
  }

  package init(_ content: Content, at location: SourceLocation) {
    self.content = content
    self.location = location
  }

  /// A text value, as if it had been written in quotes.
  package init(text: String, at location: SourceLocation) {
    self.init(.scalar(Scalar(string: text)), at: location)
  }

  /// The value of `key` in a mapping, or nil for anything else.
  package subscript(key: String) -> YAMLNode? { mapping?[key] }

  /// The element of a sequence, or nil for anything else.
  package subscript(index: Int) -> YAMLNode? {
    guard case .sequence(let elements) = content, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// What a path leads to, or nil.
  package subscript(path: FieldPath) -> YAMLNode? {
    path.steps.reduce(Optional(self)) { node, step in
      switch step {
      case .key(let key): node?[key]
      case .index(let index): node?[index]
      }
    }
  }
}

extension YAMLNode {
  package var scalar: Scalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
  package var mapping: YAMLMapping? { if case .mapping(let mapping) = content { mapping } else { nil } }
  package var list: [YAMLNode]? { if case .sequence(let elements) = content { elements } else { nil } }

  package var string: String? { if case .string(let value) = scalar?.value { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = scalar?.value { value } else { nil } }
  package var int: Int? { if case .int(let value) = scalar?.value { value } else { nil } }

  /// A number, whole or not.
  package var double: Double? {
    switch scalar?.value {
    case .int(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  package var isNull: Bool { if case .null = scalar?.value { true } else { false } }

  /// What a person would call this: "a list", "the text "on"".
  package var kindName: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a map"
    case .scalar(let scalar): scalar.value.kindName
    }
  }
}
