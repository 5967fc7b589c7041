import Manifests
import StackModel
import Testing
import YAMLTree

/// Checks the one document of a text.
func check(_ text: String, _ schema: JSONSchema) throws -> (node: YAMLNode, diagnostics: [Diagnostic]) {
  let document = try #require(YAMLReader.read(Array(text.utf8), file: "f").documents.first)
  return SchemaChecker.check(document, against: schema)
}

func compiled(_ value: JSONValue) throws -> JSONSchema {
  try #require(JSONSchema.compile(value, file: "schema.json").schema)
}

struct CheckerTests {
  @Test func `defaults fill objects that are present or default to an object`() throws {
    let schema = try compiled([
      "type": "object",
      "properties": [
        "port": ["type": "integer", "default": 80],
        "given": ["type": "object", "properties": ["a": ["default": [1, 2]], "b": ["default": nil]]],
        "absent": ["type": "object", "properties": ["a": ["default": 1]]],
        "made": ["$ref": "#/$defs/made"],
        "list": ["type": "array", "items": ["type": "object", "properties": ["x": ["default": "y"]]]],
      ],
      "$defs": [
        "made": [
          "type": "object", "default": [:],
          "properties": ["deep": ["type": "object", "default": [:], "properties": ["z": ["default": true]]]],
        ]
      ],
    ])
    let (node, diagnostics) = try check("given: {a: 5}\nlist: [{}, {x: 1}]\n", schema)
    #expect(diagnostics.isEmpty)
    #expect(
      node.json == [
        "given": ["a": 5, "b": nil], "list": [["x": "y"], ["x": 1]], "port": 80,
        "made": ["deep": ["z": true]],
      ]
    )
    #expect(node["port"]?.location == SourceLocation(file: "f", line: 1, column: 1))
    #expect(node["list"]?[0]?["x"]?.location.line == 2)
  }

  @Test func `a schema that defaults into itself ends`() throws {
    let schema = try compiled(["type": "object", "properties": ["next": ["$ref": "#", "default": [:]]]])
    #expect(try check("{}", schema).diagnostics.isEmpty)
  }

  @Test func `a default that breaks its own schema is reported`() throws {
    let schema = try compiled(["properties": ["a": ["type": "integer", "default": "x"]]])
    #expect(try check("{}", schema).diagnostics.map(\.code) == ["manifest.type"])
  }

  @Test func `snake_case becomes camelCase for known fields alone`() throws {
    let schema = try compiled([
      "properties": [
        "listenerPort": [:], "ipv4CidrBlock": [:], "kept_name": [:],
        "variables": ["additionalProperties": ["type": "string"]],
      ]
    ])
    let (node, diagnostics) = try check(
      "listener_port: 1\nipv4_cidr_block: 2\nkept_name: 3\nvariables: {log_level: info}\nother_name: 4\n",
      schema
    )
    #expect(diagnostics.isEmpty)
    #expect(node.mapping?.keys == ["listenerPort", "ipv4CidrBlock", "kept_name", "variables", "other_name"])
    #expect(node["variables"]?["log_level"]?.string == "info")
  }

  @Test(arguments: [
    ("3", "3"), ("1.10", "1.10"), ("0x1F", "0x1F"), ("True", "True"), ("1e3", "1e3"), ("012", "012"),
  ])
  func `a number or boolean where text is wanted keeps its source text and warns`(text: String, value: String)
    throws
  {
    let (node, diagnostics) = try check(
      "a: \(text)",
      try compiled(["additionalProperties": ["type": "string"]])
    )
    #expect(node["a"]?.string == value)
    #expect(diagnostics.map(\.code) == ["manifest.text-expected"])
    #expect(!diagnostics.hasErrors)
  }

  @Test func `a whole number may be written as a float`() throws {
    let (node, diagnostics) = try check(
      "a: 1e3\nb: 2.0\n",
      try compiled(["additionalProperties": ["type": "integer"]])
    )
    #expect(diagnostics.isEmpty)
    #expect(node["a"]?.int == 1000)
    #expect(node["b"]?.int == 2)
  }

  private static let alternatives: [(text: String, codes: [String])] = [
    ("a: text", []), ("a: {value: x}", []), ("a: 5", []), ("a: {}", ["manifest.missing"]),
    ("a: {value: [1]}", ["manifest.type"]), ("a: [1]", ["manifest.type"]), ("a: ~", ["manifest.type"]),
    ("a: true", ["manifest.text-expected"]), ("b: {host: x}", []), ("b: {path: x}", []),
    ("b: {}", ["manifest.missing"]), ("b: {host: x, path: y}", ["manifest.ambiguous"]),
  ]

  @Test(arguments: alternatives)
  func `alternatives report from the branch that was meant`(text: String, codes: [String]) throws {
    let schema = try compiled([
      "properties": [
        "a": [
          "anyOf": [
            ["type": "string"], ["type": "integer"],
            ["type": "object", "required": ["value"], "properties": ["value": ["type": "string"]]],
          ]
        ],
        "b": ["oneOf": [["required": ["host"]], ["required": ["path"]]]],
      ]
    ])
    #expect(try check(text, schema).diagnostics.map(\.code) == codes)
  }

  @Test(arguments: [("0.3", true), ("0.35", false), ("-0.1", true), ("0", true), ("1e300", true)])
  func `a multiple is judged as people count`(text: String, isLegal: Bool) throws {
    let schema = try compiled(["multipleOf": .number("0.1")])
    #expect(try check(text, schema).diagnostics.isEmpty == isLegal)
  }

  @Test func `constants and lists of values compare numbers by value`() throws {
    let schema = try compiled(["enum": [1, "a", nil]])
    for text in ["1", "1.0", "a", "~"] { #expect(try check(text, schema).diagnostics.isEmpty) }
    for text in ["2", "b", "[1]"] { #expect(try check(text, schema).diagnostics.count == 1) }
  }

  @Test func `pattern properties and closed maps`() throws {
    let schema = try compiled([
      "additionalProperties": false, "patternProperties": ["^x-": ["type": "integer"]], "maxProperties": 2,
    ])
    #expect(try check("x-a: 1", schema).diagnostics.isEmpty)
    #expect(try check("x-a: b", schema).diagnostics.map(\.code) == ["manifest.type"])
    #expect(try check("y: 1", schema).diagnostics.map(\.code) == ["manifest.unknown-field"])
    #expect(try check("{x-a: 1, x-b: 1, x-c: 1}", schema).diagnostics.map(\.code) == ["manifest.length"])
  }

  @Test func `a flood of warnings does not hide an error`() throws {
    let schema = try compiled(["additionalProperties": ["type": "string"]])
    let text = (0..<5000).map { "k\($0): 1\n" }.joined() + "last: [1]\n"
    let (_, diagnostics) = try check(text, schema)
    #expect(diagnostics.count == 202)
    #expect(diagnostics.map(\.code).suffix(2) == ["manifest.type", "manifest.more-problems"])
    #expect(diagnostics.last?.severity == .info)
  }

  @Test func `no message shows a value under a secret format`() throws {
    let schema = try compiled([
      "format": "secret",
      "additionalProperties": ["type": "string", "minLength": 99, "pattern": "^x", "enum": ["y"]],
    ])
    let texts = ["a: hunter2", "a: 712345", "a: [hunter2]", "a: {hunter2: hunter2}", "a: true"]
    for text in texts {
      let (_, diagnostics) = try check(text, schema)
      #expect(diagnostics.hasErrors)
      for diagnostic in diagnostics {
        let shown = diagnostic.message + (diagnostic.hint ?? "")
        #expect(!shown.contains("hunter2") && !shown.contains("712345"))
      }
    }
  }
}
