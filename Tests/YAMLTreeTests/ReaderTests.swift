import StackModel
import Testing
import YAMLTree

/// The one document of a text.
func document(_ text: String) throws -> YAMLNode {
  let (documents, diagnostics) = YAMLReader.read(Array(text.utf8), file: "f.yaml")
  #expect(diagnostics.isEmpty)
  return try #require(documents.first)
}

struct ReaderTests {
  @Test func `every value knows its line and column, counted in characters from 1`() throws {
    let root = try document("größe: {é🌍x: 1, b: [2]}\nnext:\n  - \"a\"\n")
    let map = try #require(root["größe"])
    #expect(map.location == SourceLocation(file: "f.yaml", line: 1, column: 8))
    #expect(map["é🌍x"]?.location.column == 14)
    #expect(map.mapping?.entry("b")?.keyLocation.column == 17)
    #expect(map["b"]?[0]?.location.column == 21)
    #expect(root["next"]?[0]?.location == SourceLocation(file: "f.yaml", line: 3, column: 5))
  }

  @Test func `several documents are several, and empty ones are none`() {
    let (documents, diagnostics) = YAMLReader.read(
      Array("---\n---\na: 1\n---\n# only a comment\n---\nb: 2\n...\n".utf8),
      file: "f"
    )
    #expect(documents.map { $0.json.text() } == [#"{"a":1}"#, #"{"b":2}"#])
    #expect(documents.map(\.location.line) == [3, 7])
    #expect(diagnostics.isEmpty)
  }

  @Test func `the documents before a syntax error are kept`() {
    let (documents, diagnostics) = YAMLReader.read(Array("a: 1\n---\nb: [\n".utf8), file: "f")
    #expect(documents.count == 1)
    #expect(diagnostics.map(\.code) == ["yaml.syntax"])
  }

  @Test func `JSON is read as YAML, with tabs and pairs of escapes`() throws {
    let text = #"{"a": [1, 2.50, true, null, "x\u00e9\n\ud83c\udf0d \\ud83c"], "b": {"c": ""}}"#
    let result = #"{"a":[1,2.50,true,null,"xé\n🌍 \\ud83c"],"b":{"c":""}}"#
    #expect(try document(text).json.text() == result)
    #expect(try document("{\n\t\"a\": 1,\n\t\"b\": [\n\t\t2\n\t]\n}\n").json.text() == #"{"a":1,"b":[2]}"#)
    #expect(try document(#"{a: '\ud83c\udf0d'}"#)["a"]?.string == #"\ud83c\udf0d"#)
  }

  @Test func `a fault in JSON indented with tabs is not blamed on the tabs`() {
    let (_, diagnostics) = YAMLReader.read(Array("{\n\t\"a\": 1\n\t\"b\": 2\n}\n".utf8), file: "f")
    #expect(diagnostics.map(\.code) == ["yaml.syntax"])
  }

  @Test(arguments: [("a:\n\tb: 1\n", 2, 1), ("a:\n  b: 1\n \tc: 2\n", 3, 2), ("a:\n  - x\n\t- y\n", 3, 1)])
  func `a tab is refused with its line`(text: String, line: Int, column: Int) {
    let (_, diagnostics) = YAMLReader.read(Array(text.utf8), file: "f")
    #expect(diagnostics.map(\.code) == ["yaml.tab"])
    #expect(diagnostics.first?.location == SourceLocation(file: "f", line: line, column: column))
  }

  @Test func `an alias stands for the value where it was written`() throws {
    let root = try document("a: &x {k: [1]}\nb: *x\n")
    #expect(root["b"]?.json == root["a"]?.json)
    #expect(root["b"]?["k"]?[0]?.location == SourceLocation(file: "f.yaml", line: 1, column: 12))
  }

  @Test func `merged maps fill in what is missing and keep their places`() throws {
    let root = try document(
      """
      one: &one {a: 1, b: 1}
      two: &two {b: 2, c: 2}
      sum:
        c: 3
        <<: [*one, *two]
        d: 3
      "<<": text
      """
    )
    #expect(root["sum"]?.json == ["c": 3, "d": 3, "a": 1, "b": 1])
    #expect(root["sum"]?["a"]?.location == SourceLocation(file: "f.yaml", line: 1, column: 15))
    #expect(root["sum"]?.mapping?.entry("a")?.keyLocation.line == 1)
    #expect(root["<<"]?.string == "text")
  }

  @Test func `an anchor lasts for its document`() {
    let (_, diagnostics) = YAMLReader.read(Array("a: &x 1\n---\nb: *x\n".utf8), file: "f")
    #expect(diagnostics.map(\.code) == ["yaml.unknown-alias"])
  }

  @Test func `an anchor may be set anew`() throws {
    #expect(try document("a: &x 1\nb: &x 2\nc: *x\n").json == ["a": 1, "b": 2, "c": 2])
  }

  @Test func `aliases below the limit are followed`() throws {
    let many = (0..<50).map { _ in "*x" }.joined(separator: ", ")
    #expect(try document("a: &x [1, 2]\nb: [\(many)]\n")["b"]?.list?.count == 50)
  }

  @Test func `depth counts through aliases`() {
    var limits = YAMLReader.Limits()
    limits.depth = 6
    let text = "a: &a [[[1]]]\nb: [[*a]]\n"
    let (_, diagnostics) = YAMLReader.read(Array(text.utf8), file: "f", limits: limits)
    #expect(diagnostics.map(\.code) == ["yaml.depth"])
    limits.depth = 7
    #expect(YAMLReader.read(Array(text.utf8), file: "f", limits: limits).diagnostics.isEmpty)
  }

  private static let tagged: [(String, JSONValue)] = [
    ("!!str 12", JSONValue.string("12")), ("!!int \"12\"", 12), ("!!float 1", 1), ("!!bool 'true'", true),
    ("!!null ''", nil), ("! 12", "12"), ("!!seq [1]", [1]), ("!!map {a: 1}", ["a": 1]),
    ("!<tag:yaml.org,2002:str> 1", "1"),
  ]

  @Test(arguments: tagged)
  func `the core schema's own tags are obeyed`(text: String, value: JSONValue) throws {
    let json = try #require(try document("x: \(text)")["x"]).json
    #expect(json == value || json.double == value.double && json.double != nil)
  }

  @Test func `a mapping with many entries is still found by key`() throws {
    var root = try document((0..<100).map { "key\($0): \($0)\n" }.joined())
    #expect(root["key99"]?.int == 99)
    var mapping = try #require(root.mapping)
    mapping.remove("key3")
    mapping.set("key4", to: YAMLNode(text: "four", at: root.location))
    root.content = .mapping(mapping)
    #expect(root["key3"] == nil)
    #expect(root["key4"]?.string == "four")
    #expect(root["key99"]?.int == 99)
    #expect(mapping.count == 99)
  }

  @Test func `one file reports at most a hundred problems`() {
    let text = "{" + (0..<500).map { _ in "a: 1" }.joined(separator: ", ") + "}"
    #expect(YAMLReader.read(Array(text.utf8), file: "f").diagnostics.count == 100)
  }
}
