package import StackModel
package import YAMLTree

/// What `stackjob explain KIND[.path]` shows.
package struct Explanation: Sendable {
  /// Nil for the whole document.
  package var path: FieldPath?
  /// JSON Schema type names; empty when any will do.
  package var types: [String]
  /// The type of the elements of a list.
  package var elementTypes: [String]
  package var title: String?
  package var description: String?
  package var isRequired: Bool
  package var isDeprecated: Bool
  package var defaultValue: JSONValue?
  package var allowed: [JSONValue]
  package var examples: [JSONValue]
  /// Further limits in words: "from 1 to 65535", "matches ^[a-z]+$".
  package var limits: [String]
  package var children: [Child]
  /// Set when other names than those of `children` may be used: the types of their values.
  package var otherFields: [String]?

  package struct Child: Sendable {
    package var name: String
    package var types: [String]
    package var description: String?
    package var isRequired: Bool
    package var isDeprecated: Bool
    package var defaultValue: JSONValue?
  }
}

package enum Explain {
  /// Describes a field. Steps into lists may be left out: `spec.sidecars.name` is `spec.sidecars[0].name`.
  package static func explain(
    _ schema: JSONSchema,
    path: FieldPath? = nil
  ) -> (explanation: Explanation?, diagnostics: [Diagnostic]) {
    var id = JSONSchema.rootID
    var shown = FieldPath.root
    var isRequired = true
    for step in path?.steps ?? [] {
      if case .key = step {
        while let items = schema.child(of: id, .index(0)), schema.fieldNames(of: id).isEmpty { id = items.id }
      }
      guard let (child, spelled) = schema.child(of: id, step) else {
        return (nil, [unknown(step, below: shown, of: id, schema)])
      }
      if case .key(let key) = spelled {
        isRequired = schema.variants(id).contains { $0.required.contains(key) }
      }
      id = child
      shown.steps.append(spelled)
    }
    return (explanation(schema, id, path: shown.isRoot ? nil : shown, isRequired: isRequired), [])
  }

  private static func explanation(
    _ schema: JSONSchema,
    _ id: JSONSchema.ID,
    path: FieldPath?,
    isRequired: Bool
  ) -> Explanation {
    let node = schema.resolved(id)
    // The fields of a list are those of its elements.
    var holder = id
    var elementTypes: [String] = []
    while let items = schema.child(of: holder, .index(0)), schema.fieldNames(of: holder).isEmpty {
      holder = items.id
      elementTypes = schema.effectiveTypes(holder).names
    }
    let variants = schema.variants(holder)
    let required = Set(variants.flatMap(\.required))
    let children = schema.fieldNames(of: holder).compactMap { name -> Explanation.Child? in
      guard let child = schema.child(of: holder, .key(name)) else { return nil }
      let node = schema.resolved(child.id)
      return Explanation.Child(
        name: name,
        types: schema.effectiveTypes(child.id).names,
        description: node.description ?? node.title,
        isRequired: required.contains(name),
        isDeprecated: node.isDeprecated,
        defaultValue: node.defaultValue
      )
    }
    let others = variants.lazy.compactMap { node in
      node.additionalProperties ?? node.patternProperties.first?.schema
    }.first { !schema[$0].isNever }
    return Explanation(
      path: path,
      types: schema.effectiveTypes(id).names,
      elementTypes: elementTypes,
      title: node.title,
      description: node.description,
      isRequired: isRequired,
      isDeprecated: node.isDeprecated,
      defaultValue: node.defaultValue,
      allowed: schema.variants(id).flatMap { $0.allowed ?? [] },
      examples: node.examples,
      limits: schema.variants(id).flatMap(\.limits),
      children: children,
      otherFields: others.map { schema.effectiveTypes($0).names }
    )
  }

  private static func unknown(
    _ step: FieldPath.Step,
    below parent: FieldPath,
    of id: JSONSchema.ID,
    _ schema: JSONSchema
  ) -> Diagnostic {
    guard case .key(let key) = step else {
      return .error("explain.unknown-field", "`\(parent.name)` is not a list")
    }
    var hints: [String] = []
    if let near = Suggestion.nearest(to: key, among: schema.fieldNames(of: id)) {
      hints.append("did you mean `\(parent.appending(key: near))`?")
    }
    let places = schema.places.places(of: key, in: schema)
    if hints.isEmpty, let first = places.first {
      let parents = places.filter { $0.name == first.name }.prefix(3).map(\.parentName)
      hints.append("`\(first.name)` is a field of \(Words.alternatives(parents))")
    }
    return .error(
      "explain.unknown-field",
      "`\(key)` is not a field of \(parent.name)",
      path: parent.appending(step).description,
      hint: hints.first
    )
  }
}

extension JSONSchema.Node {
  /// The keywords that limit a value, in words.
  fileprivate var limits: [String] {
    var limits: [String] = []
    if !range.isEmpty { limits.append(range) }
    if let multipleOf { limits.append("a multiple of \(Words.number(multipleOf))") }
    func count(_ minimum: Int?, _ maximum: Int?, _ noun: String) {
      switch (minimum, maximum) {
      case (let low?, let high?): limits.append("from \(low) to \(Words.plural(high, noun))")
      case (let low?, nil): limits.append("at least \(Words.plural(low, noun))")
      case (nil, let high?): limits.append("at most \(Words.plural(high, noun))")
      case (nil, nil): break
      }
    }
    count(minLength, maxLength, "character")
    count(minItems, maxItems, "element")
    count(minProperties, maxProperties, "field")
    if uniqueItems { limits.append("no element twice") }
    if let pattern { limits.append("matches \(pattern.source)") }
    if let format { limits.append("format \(format)") }
    return limits
  }
}
