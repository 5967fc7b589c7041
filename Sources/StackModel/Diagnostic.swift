/// One problem found in what the user or a tool gave us, as a value.
///
/// Problems are gathered and shown together; nothing is thrown for them.
package struct Diagnostic: Sendable, Hashable {
  package enum Severity: String, Sendable, CaseIterable {
    case error, warning, info
  }

  package var severity: Severity
  /// A stable dotted name such as `manifest.unknown-field`, listed in `docs/diagnostics.md`.
  package var code: String
  /// One sentence: what is wrong and what was expected.
  package var message: String
  package var location: SourceLocation?
  /// The field in the manifest, for example `spec.alb.listenerPort` or `spec.sidecars[0].name`.
  package var path: String?
  /// What to do about it.
  package var hint: String?

  package init(
    _ severity: Severity,
    code: String,
    _ message: String,
    at location: SourceLocation? = nil,
    path: String? = nil,
    hint: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.location = location
    self.path = path
    self.hint = hint
  }

  package static func error(
    _ code: String,
    _ message: String,
    at location: SourceLocation? = nil,
    path: String? = nil,
    hint: String? = nil
  ) -> Diagnostic {
    Diagnostic(.error, code: code, message, at: location, path: path, hint: hint)
  }

  package static func warning(
    _ code: String,
    _ message: String,
    at location: SourceLocation? = nil,
    path: String? = nil,
    hint: String? = nil
  ) -> Diagnostic {
    Diagnostic(.warning, code: code, message, at: location, path: path, hint: hint)
  }

  /// The form used in events, JSON output and journals. Absent parts are left out.
  package var json: JSONValue {
    var object: JSONObject = JSONObject([
      ("severity", .string(severity.rawValue)), ("code", .string(code)), ("message", .string(message)),
    ])
    if let location {
      object["file"] = .string(location.file)
      if location.line > 0 {
        object["line"] = .int(location.line)
        object["column"] = .int(location.column)
      }
    }
    if let path { object["path"] = .string(path) }
    if let hint { object["hint"] = .string(hint) }
    return .object(object)
  }
}

extension Sequence where Element == Diagnostic {
  package var hasErrors: Bool { contains { $0.severity == .error } }

  /// In reading order: by file, line and column, those without a place first.
  package func inReadingOrder() -> [Diagnostic] {
    enumerated().sorted { left, right in
      switch (left.element.location, right.element.location) {
      case (let first?, let second?) where first != second: first < second
      case (nil, .some): true
      case (.some, nil): false
      default: left.offset < right.offset
      }
    }.map(\.element)
  }
}
