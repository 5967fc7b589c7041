/// `$variables-group/<group>/<entry>` or `$secrets-group/<group>/<entry>`: a value that is kept in a document
/// of its own.
///
/// A reference is a whole value. What has the prefix in its middle is text like any other.
package struct GroupReference: Sendable, Hashable {
  package var kind: GroupKind
  package var group: String
  /// All that follows the second slash; dots and hyphens have no meaning here.
  package var entry: String

  /// Whether a text is meant as a reference, well formed or not.
  package static func isReference(_ text: String) -> Bool {
    GroupKind.allCases.contains { text.hasPrefix($0.prefix) }
  }

  /// Nil for what is no reference, or one without group or entry.
  package init?(_ text: String) {
    guard let kind = GroupKind.allCases.first(where: { text.hasPrefix($0.prefix) }) else { return nil }
    let parts = text.dropFirst(kind.prefix.count)
      .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy(Self.isName) else { return nil }
    self.kind = kind
    group = String(parts[0])
    entry = String(parts[1])
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
  }
}

extension GroupReference: CustomStringConvertible {
  package var description: String { "\(kind.prefix)\(group)/\(entry)" }
}

/// The two kinds of groups.
package enum GroupKind: String, Sendable, CaseIterable {
  case variables = "VariablesGroup"
  case secrets = "SecretsGroup"

  /// What a reference begins with.
  package var prefix: String {
    switch self {
    case .variables: "$variables-group/"
    case .secrets: "$secrets-group/"
    }
  }

  var other: GroupKind { self == .variables ? .secrets : .variables }
  /// In a sentence.
  package var words: String { self == .variables ? "variables group" : "secrets group" }
}
