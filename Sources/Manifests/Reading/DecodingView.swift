package import StackModel
package import YAMLTree

/// A value of a checked manifest with its place and its path, for a kind's own rules.
///
/// `view["container"]?["port"]?.int` reads; `view.error(...)` makes the diagnostic for what it says.
package struct DecodingView: Sendable {
  package var node: YAMLNode
  package var path: FieldPath

  package init(_ node: YAMLNode, path: FieldPath = .root) {
    self.node = node
    self.path = path
  }

  package var location: SourceLocation { node.location }

  /// The field of a map; nil when it is missing or null, and for anything but a map.
  package subscript(key: String) -> DecodingView? {
    guard let child = node[key], !child.isNull else { return nil }
    return DecodingView(child, path: path.appending(key: key))
  }

  /// The element of a list, or nil.
  package subscript(index: Int) -> DecodingView? {
    node[index].map { DecodingView($0, path: path.appending(index: index)) }
  }

  package var string: String? { node.string }
  package var bool: Bool? { node.bool }
  package var int: Int? { node.int }
  package var double: Double? { node.double }
  package var json: JSONValue { node.json }

  /// The elements of a list; nil for anything else.
  package var list: [DecodingView]? {
    node.list?.enumerated().map { DecodingView($1, path: path.appending(index: $0)) }
  }

  /// The texts of a list; elements that are no text are left out.
  package var strings: [String]? { node.list?.compactMap(\.string) }

  /// The fields of a map in the order they were written; nil for anything else.
  package var entries: [(key: String, value: DecodingView)]? {
    node.mapping?.entries.map { ($0.key, DecodingView($0.value, path: path.appending(key: $0.key))) }
  }

  /// The entries of a map from text to text, in the order they were written; nil for anything else.
  package var stringMap: [StringEntry]? {
    entries?.compactMap { key, view in view.string.map { StringEntry(key: key, value: $0, view: view) } }
  }

  package struct StringEntry: Sendable {
    package var key: String
    package var value: String
    /// The value with its place and path.
    package var view: DecodingView
  }
}

extension DecodingView {
  package func error(_ code: String, _ message: String, hint: String? = nil) -> Diagnostic {
    .error(code, message, at: location, path: path.isRoot ? nil : path.description, hint: hint)
  }

  package func warning(_ code: String, _ message: String, hint: String? = nil) -> Diagnostic {
    .warning(code, message, at: location, path: path.isRoot ? nil : path.description, hint: hint)
  }
}
