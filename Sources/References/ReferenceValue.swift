package import StackModel
package import YAMLTree

/// What stands behind a reference.
package enum ReferenceValue: Sendable, Hashable {
  /// From a variables group.
  case text(String)
  /// From a secrets group.
  case secret(Secret)

  /// As a field that anyone may read takes it: rules refuse secrets there, and this is the last resort.
  package var text: String {
    switch self {
    case .text(let text): text
    case .secret: Secret.mask
    }
  }

  /// As a field that keeps secrets takes it.
  package var asSecret: Secret {
    switch self {
    case .text(let text): Secret(text)
    case .secret(let secret): secret
    }
  }
}

/// A reference where it stands.
package struct ReferenceUse: Sendable, Hashable {
  package var path: FieldPath
  package var location: SourceLocation
  package var reference: GroupReference

  package init(path: FieldPath, location: SourceLocation, reference: GroupReference) {
    self.path = path
    self.location = location
    self.reference = reference
  }
}
