package import StackModel

/// A compiled JSON Schema (2020-12, the keywords of `docs/json-schema.md`).
///
/// Subschemas live in one table and name each other by index, so that a recursive `$ref` needs no
/// reference cycle.
package struct JSONSchema: Sendable {
  typealias ID = Int

  static let rootID: ID = 0
  var nodes: [Node]
  /// Where each property name is declared, for "belongs under".
  let places: FieldPlaces

  /// Compiles a schema. Problems carry the JSON pointer of the keyword as their path.
  package static func compile(
    _ value: JSONValue,
    file: String
  ) -> (schema: JSONSchema?, diagnostics: [Diagnostic]) {
    var compiler = SchemaCompiler(file: file, document: value)
    let root = compiler.compileRoot()
    guard root, !compiler.diagnostics.hasErrors else { return (nil, compiler.diagnostics) }
    return (JSONSchema(nodes: compiler.nodes, places: FieldPlaces()), compiler.diagnostics)
  }

  /// One subschema. `nil` and empty mean that the keyword is absent.
  struct Node: Sendable {
    /// `false` as a schema: nothing is legal here.
    var isNever = false
    var ref: ID?
    var title: String?
    var description: String?
    var defaultValue: JSONValue?
    var examples: [JSONValue] = []
    var isDeprecated = false
    var format: String?

    var types: TypeSet = []
    var allowed: [JSONValue]?
    var anyOf: [ID] = []
    var oneOf: [ID] = []

    var properties = PropertyTable()
    var required: [String] = []
    var patternProperties: [(pattern: Pattern, schema: ID)] = []
    var additionalProperties: ID?
    var propertyNames: ID?
    var minProperties: Int?
    var maxProperties: Int?

    var items: ID?
    var minItems: Int?
    var maxItems: Int?
    var uniqueItems = false

    var pattern: Pattern?
    var minLength: Int?
    var maxLength: Int?

    var minimum: Double?
    var maximum: Double?
    var exclusiveMinimum: Double?
    var exclusiveMaximum: Double?
    var multipleOf: Double?

    /// The subschemas that speak about the same value as this one.
    var sameValue: [ID] { ref.map { [$0] + anyOf + oneOf } ?? anyOf + oneOf }

    /// Whether a message may not show the value.
    var isSecret: Bool { format == "secret" || format == "password" }
  }

  /// The declared properties of an object, in the schema's order.
  struct PropertyTable: Sendable {
    private(set) var entries: [(name: String, schema: ID)] = []
    private var positions: [String: Int] = [:]

    subscript(name: String) -> ID? { positions[name].map { entries[$0].schema } }

    var names: [String] { entries.map(\.name) }
    var isEmpty: Bool { entries.isEmpty }

    mutating func append(_ name: String, _ schema: ID) {
      positions[name] = entries.count
      entries.append((name, schema))
    }
  }

  subscript(id: ID) -> Node { nodes[id] }
}

/// The value types a schema allows.
struct TypeSet: OptionSet, Sendable {
  let rawValue: UInt8

  static let null = TypeSet(rawValue: 1)
  static let boolean = TypeSet(rawValue: 2)
  static let integer = TypeSet(rawValue: 4)
  static let number = TypeSet(rawValue: 8)
  static let string = TypeSet(rawValue: 16)
  static let array = TypeSet(rawValue: 32)
  static let object = TypeSet(rawValue: 64)

  static let named: [(name: String, type: TypeSet, words: String)] = [
    ("string", .string, "text"), ("integer", .integer, "a whole number"), ("number", .number, "a number"),
    ("boolean", .boolean, "true or false"), ("array", .array, "a list"), ("object", .object, "a map"),
    ("null", .null, "null"),
  ]

  /// As a sentence says it: "text or a map".
  var words: String { Words.alternatives(Self.named.filter { contains($0.type) }.map(\.words)) }

  /// As the schema says it.
  var names: [String] { Self.named.filter { contains($0.type) }.map(\.name) }
}
