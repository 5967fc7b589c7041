import StackModel
import YAMLTree

extension Override {
  /// Puts the value into a document that is not checked yet. Returns what is wrong with it.
  func apply(to document: inout YAMLNode, schema: JSONSchema) -> [Diagnostic] {
    switch target(in: schema) {
    case .failure(let problem): return [problem.diagnostic]
    case .success(let (path, id)):
      let types = id.map { schema.effectiveTypes($0) } ?? []
      let (value, problems) = value(wanted: types)
      guard let value else { return problems }
      do {
        try document.set(path: document.spelling(path), to: value)
        return []
      } catch {
        return [.error("override.path", error.description, at: location, path: path.description)]
      }
    }
  }

  private struct Problem: Error {
    var diagnostic: Diagnostic
  }

  /// The path as the schema spells it, and the subschema there, if the schema says anything about it.
  private func target(in schema: JSONSchema) -> Result<(FieldPath, JSONSchema.ID?), Problem> {
    var id: JSONSchema.ID? = JSONSchema.rootID
    var result = FieldPath.root
    for step in path.steps {
      guard let parent = id else {
        result.steps.append(step)
        continue
      }
      if let (child, spelled) = schema.child(of: parent, step) {
        id = child
        result.steps.append(spelled)
      } else if schema.isOpen(parent) {
        id = nil
        result.steps.append(step)
      } else {
        return .failure(Problem(diagnostic: unknown(step, below: result, of: parent, schema)))
      }
    }
    return .success((result, id))
  }

  private func unknown(
    _ step: FieldPath.Step,
    below parent: FieldPath,
    of id: JSONSchema.ID,
    _ schema: JSONSchema
  ) -> Diagnostic {
    let wrong = parent.appending(step)
    guard case .key(let key) = step else {
      return .error(
        "manifest.unknown-field",
        "`\(parent.name)` is not a list",
        at: location,
        path: wrong.description
      )
    }
    let names = schema.fieldNames(of: id)
    var hint: String?
    if let near = Suggestion.nearest(to: key, among: names) {
      hint = "did you mean `\(parent.appending(key: near))`?"
    } else if let place = schema.places.places(of: key, in: schema).first {
      hint = "did you mean `\(place.path)`?"
    } else if names.isEmpty {
      hint = "`\(parent.name)` has no fields"
    }
    return .error(
      "manifest.unknown-field",
      "`\(key)` is not a field of \(parent.name)",
      at: location,
      path: wrong.description,
      hint: hint
    )
  }

  /// The value read as YAML, or taken as text where the schema wants text.
  private func value(wanted types: TypeSet) -> (node: YAMLNode?, problems: [Diagnostic]) {
    let asText = YAMLNode(text: text, at: location)
    if text.isEmpty {
      return (types.contains(.string) ? asText : YAMLNode(.scalar(Scalar(plain: "")), at: location), [])
    }
    let (documents, problems) = YAMLReader.read(Array(text.utf8), file: location.file)
    if let node = documents.first, documents.count == 1, problems.isEmpty {
      let isWanted = types.isEmpty || !types.isDisjoint(with: TypeSet(of: node))
      // Text in quotes of its own is the text between them; all other text stays as typed, with the
      // spaces and comment signs that YAML would take away.
      if types.contains(.string), node.string != nil, node.scalar?.isPlain == true { return (asText, []) }
      if isWanted { return (node.relocated(to: location), []) }
    }
    if types.contains(.string) { return (asText, []) }
    if let problem = problems.first {
      return (nil, [.error("override.value", problem.message, at: location, hint: problem.hint)])
    }
    guard let node = documents.first, documents.count == 1 else {
      return (nil, [.error("override.value", "expected one value", at: location)])
    }
    return (node.relocated(to: location), [])
  }
}

extension YAMLNode {
  /// The same value with another place throughout.
  func relocated(to place: SourceLocation) -> YAMLNode {
    switch content {
    case .scalar: return YAMLNode(content, at: place)
    case .sequence(let elements):
      return YAMLNode(.sequence(elements.map { $0.relocated(to: place) }), at: place)
    case .mapping(let mapping):
      var result = YAMLMapping()
      for entry in mapping.entries {
        result.set(.init(key: entry.key, at: place, value: entry.value.relocated(to: place)))
      }
      return YAMLNode(.mapping(result), at: place)
    }
  }

  /// A path in the names this document uses: `listener_port` where it is written so, lest the field
  /// stand there twice.
  func spelling(_ path: FieldPath) -> FieldPath {
    var node: YAMLNode? = self
    return FieldPath(
      path.steps.map { step in
        guard case .key(let key) = step else {
          if case .index(let index) = step { node = node?[index] }
          return step
        }
        let written =
          node?[key] != nil
          ? key : node?.mapping?.keys.first { Check.camelCase($0) == key && $0.contains("_") }
        node = node?[written ?? key]
        return .key(written ?? key)
      }
    )
  }
}
