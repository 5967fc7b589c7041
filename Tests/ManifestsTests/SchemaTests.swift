import StackModel
import Testing
import YAMLTree

@testable import Manifests

struct SchemaTests {
  private func problems(_ schema: JSONValue) -> [Diagnostic] {
    JSONSchema.compile(schema, file: "schema.json").diagnostics
  }

  private static let refused: [(schema: JSONValue, message: String, pointer: String)] = [
    (["allOf": []], "the keyword `allOf` is not supported", "/allOf"),
    (
      ["properties": ["a": ["minimun": 1]]], "the keyword `minimun` is not supported", "/properties/a/minimun"
    ),
    (["$defs": ["a/b": ["if": true]]], "the keyword `if` is not supported", "/$defs/a~1b/if"),
    (["type": "text"], "there is no type `text`", "/type"),
    (["type": 1], "expected a list of texts", "/type"),
    (["properties": []], "expected an object", "/properties"),
    (["items": 1], "a schema is an object, true or false", "/items"),
    (["anyOf": []], "expected a list of schemas", "/anyOf"),
    (["minLength": -1], "expected a whole number, 0 or more", "/minLength"),
    (["multipleOf": 0], "expected a number above 0", "/multipleOf"),
    (["$ref": "https://example.com/x"], "`$ref` must point into this file: #/...", "/$ref"),
    (["$ref": "#/$defs/x"], "`#/$defs/x` leads nowhere in this file", "/$ref"),
    (["$ref": "#"], "a schema is defined by itself alone, through $ref, anyOf or oneOf", "/"),
    (
      ["anyOf": [["type": "string"], ["oneOf": [["$ref": "#"]]]]],
      "a schema is defined by itself alone, through $ref, anyOf or oneOf", "/"
    ),
    ("text", "a schema is an object, true or false", "/"),
  ]

  @Test(arguments: refused)
  func `a schema outside the supported keywords is refused`(
    schema: JSONValue,
    message: String,
    pointer: String
  ) {
    let found = problems(schema)
    #expect(found.first?.message == message)
    #expect(found.first?.path == pointer)
    #expect(found.first?.code == "schema.invalid")
    #expect(JSONSchema.compile(schema, file: "f").schema == nil)
  }

  @Test func `a misspelt keyword has a suggestion`() {
    #expect(problems(["requierd": []]).first?.hint == "did you mean `required`?")
  }

  @Test func `every supported keyword compiles`() {
    let schema: JSONValue = [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:x", "$defs": ["a": true],
      "title": "t",
      "description": "d", "default": nil, "examples": [1], "deprecated": true, "type": ["string", "null"],
      "properties": ["a": ["$ref": "#/$defs/a"]], "required": ["a"], "additionalProperties": false,
      "patternProperties": ["^x-": true], "propertyNames": ["maxLength": 3], "items": ["type": "string"],
      "minItems": 1, "maxItems": 2, "uniqueItems": true, "enum": ["a"], "pattern": "^a", "minLength": 1,
      "maxLength": 2, "minimum": 1, "maximum": 2, "exclusiveMinimum": 0, "exclusiveMaximum": 3,
      "multipleOf": 1,
      "minProperties": 1, "maxProperties": 2, "anyOf": [true], "oneOf": [true], "format": "uri", "const": "a",
    ]
    #expect(problems(schema).isEmpty)
    #expect(Set(schema.object?.keys ?? []).union(["$ref"]) == Set(SchemaCompiler.keywords))
  }

  @Test func `a schema may contain itself further down`() throws {
    let schema = try #require(
      JSONSchema.compile(["type": "object", "properties": ["next": ["$ref": "#"]]], file: "f").schema
    )
    let deep = try #require(schema.lookup(FieldPath(keys: "next", "next", "next")))
    #expect(schema.resolved(deep).properties.names == ["next"])
    #expect(schema.places.places(of: "next", in: schema).first?.parent == "")
  }

  @Test(arguments: [
    ("^a$", "a", true), ("^a$", "a\n", false), ("^a$", "ba", false), ("b", "abc", true),
    (#"^\d+$"#, "12", true),
    (#"^\d+$"#, "١٢", false), (#"^\w+$"#, "é", false), ("^.$", "🌍", true), (#"^a\$$"#, "a$", true),
    ("^[$]$", "$", true), (#"^[\]$]+$"#, "]$", true), ("^(a|b$)", "b\n", false),
    ("^[a-z]{2,3}$", "abcd", false),
    (
      #"^arn:aws[a-z-]*:ecs:[^:]+:\d{12}:cluster/.+$"#, "arn:aws:ecs:us-east-1:123456789012:cluster/main",
      true
    ),
    ("^é$", "e\u{301}", false), ("^$", "", true),
  ])
  func `a pattern matches by characters and ends at the end`(pattern: String, text: String, matches: Bool) {
    #expect(Pattern(pattern).matches(text) == matches)
  }

  @Test func `a pattern that is no regular expression is blamed on the schema`() throws {
    #expect(Pattern("a(").matches("a") == nil)
    let schema = try #require(JSONSchema.compile(["pattern": "a("], file: "f").schema)
    #expect(try check("x", schema).diagnostics.map(\.code) == ["schema.invalid"])
  }
}
