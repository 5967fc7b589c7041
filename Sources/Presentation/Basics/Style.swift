/// Colours, by what a text means. Without colour the text is the same, less the escape codes.
package struct Style: Sendable, Hashable {
  package enum Role: Sendable, CaseIterable {
    case error, warning, info, success
    case create, update, delete, read
    /// What the eye should find first.
    case strong
    /// What it may pass over.
    case dim
    case link
  }

  package var hasColor: Bool

  package init(hasColor: Bool) { self.hasColor = hasColor }

  package static let plain = Style(hasColor: false)

  /// - Parameter text: harmless already: control characters in it would be passed on.
  package func paint(_ text: String, _ role: Role) -> String {
    hasColor && !text.isEmpty ? "\u{1B}[\(role.code)m\(text)\u{1B}[0m" : text
  }
}

extension Style.Role {
  /// The sixteen basic colours only: they follow the user's theme, light or dark.
  fileprivate var code: String {
    switch self {
    case .error: "1;31"
    case .warning: "1;33"
    case .info: "1;34"
    case .success, .create: "32"
    case .update: "33"
    case .delete: "31"
    case .read: "36"
    case .strong: "1"
    case .dim: "2"
    case .link: "4;36"
    }
  }
}
