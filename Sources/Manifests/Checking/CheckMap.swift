import StackModel
import YAMLTree

/// Fields: known, unknown, missing, defaulted.
extension Check {
  mutating func checkMap(_ mapping: inout YAMLMapping, _ rules: JSONSchema.Node, owner: SourceLocation) {
    if !rules.properties.isEmpty { normaliseNames(&mapping, rules.properties) }
    for entry in mapping.entries {
      var value = entry.value
      if let names = rules.propertyNames { checkName(entry, names) }
      guard checkEntry(entry, &value, rules) else { continue }
      mapping.set(YAMLMapping.Entry(key: entry.key, at: entry.keyLocation, value: value))
    }
    checkCount(mapping.count, rules.minProperties, rules.maxProperties, "field", at: owner)
    fillDefaults(&mapping, rules.properties, owner: owner)
    for name in rules.required where mapping.entry(name) == nil {
      reportMissing(name, rules, at: owner)
    }
  }

  /// Accepts `listener_port` for `listenerPort`, as decoders of Protocol Buffers do.
  private mutating func normaliseNames(_ mapping: inout YAMLMapping, _ properties: JSONSchema.PropertyTable) {
    let snakes = mapping.keys.contains { properties[$0] == nil && $0.utf8.contains(UInt8(ascii: "_")) }
    guard snakes else { return }
    var result = YAMLMapping()
    for entry in mapping.entries {
      let camel = Self.camelCase(entry.key)
      guard properties[entry.key] == nil, properties[camel] != nil else {
        result.set(entry)
        continue
      }
      if let other = mapping.entry(camel) {
        report(
          "manifest.duplicate-field",
          "`\(entry.key)` and `\(camel)` are the same field",
          at: max(entry.keyLocation, other.keyLocation),
          path: path.appending(key: camel),
          hint: "keep `\(camel)`"
        )
      } else {
        result.set(YAMLMapping.Entry(key: camel, at: entry.keyLocation, value: entry.value))
      }
    }
    mapping = result
  }

  static func camelCase(_ name: String) -> String {
    let words = name.split(separator: "_")
    return words.dropFirst().reduce(String(words.first ?? "")) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }

  /// False when nothing says what the field may be.
  private mutating func checkEntry(
    _ entry: YAMLMapping.Entry,
    _ value: inout YAMLNode,
    _ rules: JSONSchema.Node
  ) -> Bool {
    var isKnown = false
    if let property = rules.properties[entry.key] {
      isKnown = true
      warnIfDeprecated(entry, property)
      descend(.key(entry.key), &value, property, owner: entry.keyLocation)
    }
    for (pattern, id) in rules.patternProperties where matches(pattern, entry.key, at: entry.keyLocation) {
      isKnown = true
      descend(.key(entry.key), &value, id, owner: entry.keyLocation)
    }
    if isKnown { return true }
    guard let additional = rules.additionalProperties else { return false }
    if schema[additional].isNever {
      reportUnknown(entry, rules.properties.names)
      return false
    }
    descend(.key(entry.key), &value, additional, owner: entry.keyLocation)
    return true
  }

  private mutating func warnIfDeprecated(_ entry: YAMLMapping.Entry, _ property: JSONSchema.ID) {
    let node = schema.resolved(property)
    guard node.isDeprecated, !isDefault else { return }
    report(
      "manifest.deprecated",
      "`\(entry.key)` is deprecated",
      at: entry.keyLocation,
      severity: .warning,
      path: path.appending(key: entry.key),
      hint: node.description
    )
  }

  private mutating func reportUnknown(_ entry: YAMLMapping.Entry, _ names: [String]) {
    if isFull(.error) { return }
    var hints: [String] = []
    let near = Suggestion.nearest(to: entry.key, among: names)
    if let near { hints.append("did you mean `\(near)`?") }
    let here = path.pattern
    let elsewhere = schema.places.places(of: entry.key, in: schema).filter { $0.parent != here }
    if let first = elsewhere.first, first.name != near {
      let parents = elsewhere.filter { $0.name == first.name }.prefix(3).map(\.parentName)
      hints.append("`\(first.name)` belongs under \(Words.alternatives(parents))")
    }
    if hints.isEmpty, !names.isEmpty, names.count <= 12 {
      hints.append("the fields here are \(names.joined(separator: ", "))")
    }
    report(
      "manifest.unknown-field",
      "`\(entry.key)` is not a field of \(path.name)",
      at: entry.keyLocation,
      path: path.appending(key: entry.key),
      hint: hints.isEmpty ? nil : hints.joined(separator: " ")
    )
  }

  private mutating func reportMissing(_ name: String, _ rules: JSONSchema.Node, at owner: SourceLocation) {
    var expected = ""
    var example: String?
    if let property = rules.properties[name] {
      let types = schema.effectiveTypes(property)
      if !types.isEmpty { expected = ", \(types.words)," }
      example = schema.resolved(property).examples.first.map { "for example \(name): \($0.text())" }
    }
    report(
      "manifest.missing",
      "`\(name)`\(expected) is required in \(path.name)",
      at: owner,
      path: path.appending(key: name),
      hint: example
    )
  }

  private mutating func fillDefaults(
    _ mapping: inout YAMLMapping,
    _ properties: JSONSchema.PropertyTable,
    owner: SourceLocation
  ) {
    for (name, id) in properties.entries where mapping.entry(name) == nil {
      guard let value = schema.resolved(id).defaultValue else { continue }
      var node = YAMLNode(json: value, at: owner)
      let wasDefault = isDefault
      isDefault = true
      descend(.key(name), &node, id, owner: owner)
      isDefault = wasDefault
      mapping.set(YAMLMapping.Entry(key: name, at: owner, value: node))
    }
  }

  private mutating func checkName(_ entry: YAMLMapping.Entry, _ id: JSONSchema.ID) {
    var check = trial()
    check.path = path.appending(key: entry.key)
    // Only the values of a secret map are secret; its names are what a message has to go by.
    check.isSecret = false
    var name = YAMLNode(text: entry.key, at: entry.keyLocation)
    check.check(&name, id, owner: entry.keyLocation)
    for var problem in check.diagnostics {
      problem.message = "the field's name: \(problem.message)"
      adopt(problem)
    }
  }
}

extension FieldPath {
  /// The path with its indexes left out, as the schema knows it: `spec.sidecars[]`.
  var pattern: String {
    steps.reduce(into: "") { text, step in
      switch step {
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      case .index: text += "[]"
      }
    }
  }
}
