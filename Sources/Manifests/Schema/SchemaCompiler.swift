import StackModel
import YAMLTree

/// Turns a JSON Schema document into the table of `JSONSchema`, and refuses what it does not know.
struct SchemaCompiler {
  typealias ID = JSONSchema.ID

  let file: String
  let document: JSONValue
  private(set) var nodes: [JSONSchema.Node] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Compiled subschemas by pointer, so that each `$ref` target exists once.
  private var compiled: [String: ID] = [:]

  init(file: String, document: JSONValue) {
    self.file = file
    self.document = document
  }

  /// False when the document is no schema at all.
  mutating func compileRoot() -> Bool {
    _ = compile(document, at: "")
    for id in nodes.indices where containsItself(id) {
      report("a schema is defined by itself alone, through $ref, anyOf or oneOf", at: "")
      break
    }
    return !nodes.isEmpty
  }

  mutating func report(_ message: String, at pointer: String, hint: String? = nil) {
    diagnostics.append(
      .error(
        "schema.invalid",
        message,
        at: SourceLocation(file: file),
        path: pointer.isEmpty ? "/" : pointer,
        hint: hint
      )
    )
  }

  mutating func compile(_ value: JSONValue, at pointer: String) -> ID {
    if let id = compiled[pointer] { return id }
    let id = nodes.count
    nodes.append(JSONSchema.Node())
    compiled[pointer] = id
    switch value {
    case .bool(let isAllowed): nodes[id].isNever = !isAllowed
    case .object(let object):
      var node = JSONSchema.Node()
      for (keyword, value) in object {
        read(keyword, value, at: "\(pointer)/\(Self.escaped(keyword))", &node)
      }
      if node.types.isEmpty, let allowed = node.allowed { node.types = Self.types(of: allowed) }
      nodes[id] = node
    default: report("a schema is an object, true or false", at: pointer)
    }
    return id
  }

  private mutating func read(
    _ keyword: String,
    _ value: JSONValue,
    at pointer: String,
    _ node: inout JSONSchema.Node
  ) {
    switch keyword {
    case "$schema", "$id": _ = expect(value.string, "text", at: pointer)
    case "$defs":
      for (name, schema) in expect(value.object, "an object", at: pointer) ?? JSONObject() {
        _ = compile(schema, at: "\(pointer)/\(Self.escaped(name))")
      }
    case "$ref": node.ref = reference(value, at: pointer)
    case "title": node.title = expect(value.string, "text", at: pointer)
    case "description": node.description = expect(value.string, "text", at: pointer)
    case "default": node.defaultValue = value
    case "examples": node.examples = expect(value.array, "a list", at: pointer) ?? []
    case "deprecated": node.isDeprecated = expect(value.bool, "true or false", at: pointer) ?? false
    case "format": node.format = expect(value.string, "text", at: pointer)
    case "type": node.types = types(value, at: pointer)
    case "enum": node.allowed = expect(value.array, "a list", at: pointer)
    case "const": node.allowed = [value]
    case "anyOf": node.anyOf = alternatives(value, at: pointer)
    case "oneOf": node.oneOf = alternatives(value, at: pointer)
    case "properties":
      for (name, schema) in expect(value.object, "an object", at: pointer) ?? JSONObject() {
        node.properties.append(name, compile(schema, at: "\(pointer)/\(Self.escaped(name))"))
      }
    case "required": node.required = strings(value, at: pointer)
    case "patternProperties":
      for (source, schema) in expect(value.object, "an object", at: pointer) ?? JSONObject() {
        let id = compile(schema, at: "\(pointer)/\(Self.escaped(source))")
        node.patternProperties.append((Pattern(source), id))
      }
    case "additionalProperties": node.additionalProperties = compile(value, at: pointer)
    case "propertyNames": node.propertyNames = compile(value, at: pointer)
    case "items": node.items = compile(value, at: pointer)
    case "uniqueItems": node.uniqueItems = expect(value.bool, "true or false", at: pointer) ?? false
    case "minProperties": node.minProperties = count(value, at: pointer)
    case "maxProperties": node.maxProperties = count(value, at: pointer)
    case "minItems": node.minItems = count(value, at: pointer)
    case "maxItems": node.maxItems = count(value, at: pointer)
    case "minLength": node.minLength = count(value, at: pointer)
    case "maxLength": node.maxLength = count(value, at: pointer)
    case "pattern": node.pattern = expect(value.string, "text", at: pointer).map { Pattern($0) }
    case "minimum": node.minimum = expect(value.double, "a number", at: pointer)
    case "maximum": node.maximum = expect(value.double, "a number", at: pointer)
    case "exclusiveMinimum": node.exclusiveMinimum = expect(value.double, "a number", at: pointer)
    case "exclusiveMaximum": node.exclusiveMaximum = expect(value.double, "a number", at: pointer)
    case "multipleOf":
      node.multipleOf = expect(value.double.flatMap { $0 > 0 ? $0 : nil }, "a number above 0", at: pointer)
    default:
      let nearest = Suggestion.nearest(to: keyword, among: Self.keywords)
      report(
        "the keyword `\(keyword)` is not supported",
        at: pointer,
        hint: nearest.map { "did you mean `\($0)`?" } ?? "docs/json-schema.md lists the keywords"
      )
    }
  }

  static let keywords = [
    "$schema", "$id", "$defs", "$ref", "title", "description", "default", "examples", "deprecated", "type",
    "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "items",
    "minItems",
    "maxItems", "uniqueItems", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties", "anyOf", "oneOf",
    "format",
  ]
}

extension SchemaCompiler {
  /// Whether a subschema leads back to itself without going down into a value: checking would not end.
  private func containsItself(_ id: ID) -> Bool {
    var open = nodes[id].sameValue
    if open.isEmpty { return false }
    var seen: Set<ID> = []
    while let next = open.popLast() {
      if next == id { return true }
      if seen.insert(next).inserted { open += nodes[next].sameValue }
    }
    return false
  }

  /// Schemas that only list values have the types of those values.
  private static func types(of values: [JSONValue]) -> TypeSet {
    let place = SourceLocation(file: "")
    return values.reduce(into: TypeSet()) { $0.formUnion(TypeSet(of: YAMLNode(json: $1, at: place))) }
  }

  private mutating func expect<Value>(_ value: Value?, _ words: String, at pointer: String) -> Value? {
    if value == nil { report("expected \(words)", at: pointer) }
    return value
  }

  private mutating func count(_ value: JSONValue, at pointer: String) -> Int? {
    expect(value.int.flatMap { $0 >= 0 ? $0 : nil }, "a whole number, 0 or more", at: pointer)
  }

  private mutating func strings(_ value: JSONValue, at pointer: String) -> [String] {
    let strings = value.array?.compactMap(\.string)
    return expect(strings?.count == value.array?.count ? strings : nil, "a list of texts", at: pointer) ?? []
  }

  private mutating func types(_ value: JSONValue, at pointer: String) -> TypeSet {
    let names = value.string.map { [$0] } ?? strings(value, at: pointer)
    var types: TypeSet = []
    for name in names {
      if let type = TypeSet.named.first(where: { $0.name == name }) {
        types.insert(type.type)
      } else {
        report("there is no type `\(name)`", at: pointer)
      }
    }
    return types
  }

  private mutating func alternatives(_ value: JSONValue, at pointer: String) -> [ID] {
    guard
      let schemas = expect(value.array.flatMap { $0.isEmpty ? nil : $0 }, "a list of schemas", at: pointer)
    else { return [] }
    return schemas.enumerated().map { compile($1, at: "\(pointer)/\($0)") }
  }

  private mutating func reference(_ value: JSONValue, at pointer: String) -> ID? {
    guard let text = expect(value.string, "text", at: pointer) else { return nil }
    guard text == "#" || text.hasPrefix("#/") else {
      report("`$ref` must point into this file: #/...", at: pointer)
      return nil
    }
    let target = String(text.dropFirst())
    // Most targets are asked for many times; walking the document to each would take a third of the compiling.
    if let known = compiled[target] { return known }
    guard let schema = Self.value(at: target, in: document) else {
      report("`\(text)` leads nowhere in this file", at: pointer)
      return nil
    }
    return compile(schema, at: target)
  }

  /// The step of a JSON pointer (RFC 6901).
  static func escaped(_ key: String) -> String {
    guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return key }
    var result = ""
    for character in key {
      switch character {
      case "~": result += "~0"
      case "/": result += "~1"
      default: result.append(character)
      }
    }
    return result
  }

  /// The steps of a JSON pointer, unescaped.
  static func steps(_ pointer: String) -> [String] {
    pointer.split(separator: "/", omittingEmptySubsequences: true).map { step in
      guard step.utf8.contains(UInt8(ascii: "~")) else { return String(step) }
      var result = ""
      var rest: Substring = step
      while let character = rest.popFirst() {
        guard character == "~", let code = rest.first, code == "0" || code == "1" else {
          result.append(character)
          continue
        }
        rest.removeFirst()
        result.append(code == "0" ? "~" : "/")
      }
      return result
    }
  }

  private static func value(at pointer: String, in document: JSONValue) -> JSONValue? {
    steps(pointer).reduce(Optional(document)) { value, step in
      value?[step] ?? Int(step).flatMap { value?[$0] }
    }
  }
}
