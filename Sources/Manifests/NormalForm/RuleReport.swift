import StackModel
import YAMLTree

/// How the rules of a kind report: each at the place and path of what it is about.
protocol RuleReport {
  var diagnostics: [Diagnostic] { get set }
}

extension RuleReport {
  /// - Parameter field: a field that `view` lacks, and that the problem is about; dots lead further down.
  mutating func error(
    _ code: String,
    _ view: DecodingView,
    field: String? = nil,
    _ message: String,
    hint: String? = nil
  ) {
    let path = Self.path(view, field)
    diagnostics.append(.error(code, message, at: view.location, path: path.description, hint: hint))
  }

  mutating func warning(
    _ code: String,
    _ view: DecodingView,
    field: String? = nil,
    _ message: String,
    hint: String? = nil
  ) {
    let path = Self.path(view, field)
    diagnostics.append(.warning(code, message, at: view.location, path: path.description, hint: hint))
  }

  private static func path(_ view: DecodingView, _ field: String?) -> FieldPath {
    (field ?? "").split(separator: ".").reduce(view.path) { $0.appending(key: String($1)) }
  }

  /// Reports each element whose key an earlier one has.
  mutating func checkUnique<Key: Hashable>(
    _ code: String,
    _ elements: [(key: Key, view: DecodingView)],
    _ message: (Key) -> String
  ) {
    var seen: Set<Key> = []
    for (key, view) in elements where !seen.insert(key).inserted { error(code, view, message(key)) }
  }
}
