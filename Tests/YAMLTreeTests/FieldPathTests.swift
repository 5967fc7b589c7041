import StackModel
import Testing
import YAMLTree

struct FieldPathTests {
  @Test(arguments: [
    ("spec", [FieldPath.Step.key("spec")]),
    (
      "spec.container.env.variables.LOG_LEVEL",
      ["spec", "container", "env", "variables", "LOG_LEVEL"].map { .key($0) }
    ),
    ("spec.sidecars[0].name", [.key("spec"), .key("sidecars"), .index(0), .key("name")]),
    ("a[1][2]", [.key("a"), .index(1), .index(2)]),
    (#"metadata.labels."a.b/c""#, [.key("metadata"), .key("labels"), .key("a.b/c")]),
    (#""with \"quotes\" = []""#, [.key(#"with "quotes" = []"#)]),
    (#""""#, [.key("")]),
    ("a/b.c-d_e", [.key("a/b"), .key("c-d_e")]),
    ("größe", [.key("größe")]),
  ])
  func `a path prints as it is read`(text: String, steps: [FieldPath.Step]) throws {
    let path = try FieldPath(parsing: text)
    #expect(path.steps == steps)
    #expect(path.description == text)
  }

  @Test(arguments: [
    "", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a[]", "a[0]b", #""a"#, #"a"b""#, #""\q""#,
  ])
  func `a text that is no path is refused`(text: String) {
    #expect(throws: FieldPathError.self) { try FieldPath(parsing: text) }
  }

  private func document(_ text: String) throws -> YAMLNode {
    try #require(YAMLReader.read(Array(text.utf8), file: "f").documents.first)
  }

  @Test(arguments: [
    ("{}", "a.b", #"{"a":{"b":1}}"#),
    ("{a: {b: 0, c: 2}}", "a.b", #"{"a":{"b":1,"c":2}}"#),
    ("{a: }", "a.b[0]", #"{"a":{"b":[1]}}"#),
    ("{a: [0, 0]}", "a[1]", #"{"a":[0,1]}"#),
    ("{a: [0]}", "a[1].b", #"{"a":[0,{"b":1}]}"#),
    ("{}", #"a."x.y""#, #"{"a":{"x.y":1}}"#),
  ])
  func `a value is set at a path, making what is missing`(text: String, path: String, result: String) throws {
    var node = try document(text)
    try node.set(path: try FieldPath(parsing: path), to: YAMLNode(json: 1, at: SourceLocation(file: "--set")))
    #expect(node.json.text() == result)
    #expect(node[try FieldPath(parsing: path)]?.location.file == "--set")
  }

  @Test(arguments: [
    ("{a: text}", "a.b", "`a` is text, it has no field `b`"),
    ("{a: {b: 1}}", "a[0]", "`a` is a map, not a list"),
    ("{a: [1]}", "a[2]", "`a` has 1 elements, so there is no place for [2]"),
    ("[1]", "a", "`the document` is a list, it has no field `a`"),
  ])
  func `a path through something else is refused`(text: String, path: String, message: String) throws {
    var node = try document(text)
    #expect(throws: FieldPathError(description: message)) {
      try node.set(path: try FieldPath(parsing: path), to: YAMLNode(json: 1, at: SourceLocation(file: "f")))
    }
  }
}
