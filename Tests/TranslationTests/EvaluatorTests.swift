import StackModel
import Testing

@testable import Translation

/// The template language by tables.
struct EvaluatorTests {
  private static let values: JSONValue = [
    "name": "web", "none": nil, "off": false, "zero": 0, "empty": [], "text": "a$b${c}",
    "list": ["x", "y", "x"], "map": ["b": ["port": 2], "a": ["port": 1]],
  ]

  private func evaluate(_ template: JSONValue) throws -> JSONValue? {
    let scope = TemplateScope(
      values: try PulumiText.escaped(Self.values),
      locals: .init(
        JSONObject([
          ("twice", ["$each": "one in list", "do": "@{one}@{one}", "distinct": true]), ("loop", "@{loop}"),
        ]),
        parts: JSONObject([("port", ["number": "@{it.port}"])])
      )
    )
    return try TemplateEvaluator.evaluate(template, in: scope)
  }

  @Test(
    arguments: [
      ("name", "web"), ("off", false), ("zero", 0), ("map.a.port", 1), ("map['b'].port", 2),
      ("none.deeper", nil),
      ("none ?? name", "web"), ("off || name", "web"), ("off && name", false), ("name && zero", 0),
      ("!empty", true), ("!zero", false), ("name == 'web' && zero != 1", true),
      ("(off || name) == 'web'", true),
      ("number('12')", 12), ("number('25%')", "25%"), ("octal('0644')", 420), ("text(zero)", "0"),
      ("part('a:b:c', ':', 1)", "b"), ("part('a', ':', 1)", nil), ("in(name, 'api', 'web')", true),
      ("begins(name, 'we')", true), ("begins(none, 'we')", nil), ("first(list)", "x"), ("firstKey(map)", "a"),
      ("id('a_b/c.d e')", "a__b_sc_dd_x20_e"), ("text", "a$$b$${c}"),
    ] as [(String, JSONValue)]
  )
  func `expressions`(text: String, expected: JSONValue) throws {
    #expect(try evaluate(["value": .string("@{\(text)}")])?["value"] ?? .null == expected, "\(text)")
  }

  @Test(
    arguments: [
      (["a": "@{none}", "b": "@{empty}", "c": "@{name}"], ["c": "web"]),
      (["a": [:], "b": ["c": "@{none}"]], ["a": [:], "b": [:]]),
      (["$if": "off", "then": 1, "else": 2], 2),
      (["a": ["$if": "off", "then": 1]], [:]),
      (["$each": "key, one in map", "do": "@{key}@{one.port}"], ["a1", "b2"]),
      (["$each": "index, one in list", "when": "one != 'y'", "do": "@{index}@{one}"], ["0x", "2x"]),
      (["$each": "a in list; b in list", "when": "a == 'y'", "do": "@{a}@{b}"], ["yx", "yy", "yx"]),
      (["$map": "key, one in map", "do": "@{one.port}"], ["a": 1, "b": 2]),
      (["start", ["$each": "one in list", "do": "@{one}"], "end"], ["start", "x", "y", "x", "end"]),
      (["@{twice}"], [["xx", "yy"]]),
      (["$merge": [["a": 1, "b": 1], ["b": 2], ["$if": "off", "then": ["c": 3]]]], ["a": 1, "b": 2]),
      (["$each": "_, one in map", "do": ["$part": "port", "of": "one"]], [["number": 1], ["number": 2]]),
      (["$with": "name", "do": "the @{it}, ${cluster.arn} and $$"], "the web, ${cluster.arn} and $$"),
      (["@{name}": "@{text}"], ["web": "a$$b$${c}"]),
    ] as [(JSONValue, JSONValue)]
  )
  func `templates`(template: JSONValue, expected: JSONValue) throws {
    #expect(try evaluate(template) == expected)
  }

  @Test(arguments: [
    ("@{nam}", "nothing is called `nam`"), ("@{map.c}", "is in no normal form there"),
    ("@{name", "closing brace"),
    ("@{name ==}", "expected a name"), ("@{sum(zero)}", "is not defined"), ("a @{list}", "is no text"),
    ("@{loop}", "depends on itself"), ("@{name name}", "expected an operator"),
  ])
  func `a wrong template is an error`(template: String, message: String) throws {
    let error = try #require(throws: TemplateError.self) { try evaluate(.string(template)) }
    #expect(error.cause == .template)
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test(arguments: ["fn::toJSON", "Fn::foo", "FN::a:b:c", String(repeating: "k", count: 1023)])
  func `no key of a manifest is a function or too long for YAML`(key: String) throws {
    let values: JSONValue = .object(JSONObject([("labels", .object(JSONObject([(key, "x")])))]))
    #expect(try #require(throws: TemplateError.self) { try PulumiText.escaped(values) }.cause == .key)
  }

  @Test func `characters that YAML refuses are written as escapes`() {
    let text = "\u{7F}\u{80}\u{85}\u{9F}\u{A0}\u{FEFF}\u{FFFE}\u{FFFF}\u{1F600}\u{1}/\u{E9}"
    let written = String(decoding: PulumiText.bytes(.string(text)), as: UTF8.self)
    let expected =
      #""\u007f\u0080\u0085\u009f"# + "\u{A0}\u{FEFF}" + #"\ufffe\uffff"# + "\u{1F600}" + #"\u0001/é""#
    #expect(written == expected + "\n")
  }

  @Test func `two texts never have one identifier`() {
    let texts = ["a_b", "a/b", "a.b", "a_sb", "a__b", "a b", "a_x20_b", "a-b", "", "_", "__"]
    #expect(Set(texts.map(PulumiText.identifier)).count == texts.count)
  }
}
