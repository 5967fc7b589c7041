package import References
package import StackModel
package import YAMLTree

/// Strings of a manifest that begin like a reference into a group.
package struct ReferenceText: Sendable, Hashable {
  /// What the schema says of the field they stand in.
  package enum Place: Sendable {
    /// No reference is resolved here.
    case none
    /// Takes entries of variables groups.
    case variable
    /// Takes entries of both.
    case secret
  }

  package var path: FieldPath
  package var location: SourceLocation
  package var text: String
  package var place: Place

  /// Nil when group or entry is missing.
  package var reference: GroupReference? { GroupReference(text) }
}

extension Manifest {
  /// All of `spec`, in the order they are written.
  package var referenceTexts: [ReferenceText] {
    var finder = ReferenceFinder(schema: kind.schema)
    let path = FieldPath(keys: "spec")
    if let node = tree["spec"] { finder.walk(node, kind.schema.lookup(path), path) }
    return finder.found
  }

  /// The references that can be looked up: well formed, and where the schema takes them.
  package var referenceUses: [ReferenceUse] {
    referenceTexts.compactMap { text in
      guard let reference = text.reference else { return nil }
      switch text.place {
      case .none: return nil
      case .variable where reference.kind == .secrets: return nil
      case .variable, .secret:
        return ReferenceUse(path: text.path, location: text.location, reference: reference)
      }
    }
  }

  /// The manifest with the values behind its references, and what could not be resolved, all of it at once.
  package func resolving(
    _ lookup: (GroupReference) -> Result<ReferenceValue, ReferenceFailure>
  ) -> (manifest: Manifest, diagnostics: [Diagnostic]) {
    var manifest = self
    var diagnostics: [Diagnostic] = []
    manifest.references = [:]
    for use in referenceUses {
      switch lookup(use.reference) {
      case .success(let value): manifest.references[use.path] = value
      case .failure(let failure): diagnostics.append(failure.diagnostic(at: use))
      }
    }
    return (manifest, diagnostics)
  }

  package func resolving(_ groups: ReferenceGroups) -> (manifest: Manifest, diagnostics: [Diagnostic]) {
    resolving(groups.lookup)
  }

  /// References that no value is known for.
  package var unresolvedReferences: [ReferenceUse] {
    referenceUses.filter { references[$0.path] == nil }
  }
}

private struct ReferenceFinder {
  let schema: JSONSchema
  private(set) var found: [ReferenceText] = []

  init(schema: JSONSchema) { self.schema = schema }

  mutating func walk(_ node: YAMLNode, _ id: JSONSchema.ID?, _ path: FieldPath) {
    switch node.content {
    case .mapping(let mapping):
      for entry in mapping.entries {
        let step = FieldPath.Step.key(entry.key)
        walk(entry.value, id.flatMap { schema.child(of: $0, step)?.id }, path.appending(step))
      }
    case .sequence(let elements):
      for (index, element) in elements.enumerated() {
        let step = FieldPath.Step.index(index)
        walk(element, id.flatMap { schema.child(of: $0, step)?.id }, path.appending(step))
      }
    case .scalar:
      guard let text = node.string, GroupReference.isReference(text) else { return }
      let place = id.map(place) ?? .none
      found.append(ReferenceText(path: path, location: node.location, text: text, place: place))
    }
  }

  private func place(_ id: JSONSchema.ID) -> ReferenceText.Place {
    let formats = Set(schema.variants(id).compactMap(\.format))
    if formats.contains("secret") { return .secret }
    return formats.contains("reference") ? .variable : .none
  }
}
