import StackModel
import Testing

@Suite struct JSONValueTests {
  @Test(
    arguments: [
      #"{"b":1,"a":[true,null,"x"],"c":{"d":-0.5e10}}"#, "[]", "{}", #""""#, "12345678901234567890",
      #""é\n\t\"\\ \u0000""#,
    ])
  func `a document comes out as it went in`(text: String) throws {
    #expect(try JSONValue(parsing: text).text() == text)
  }

  @Test(
    arguments: [
      ("", 0), ("{", 1), ("[1,]", 3), (#"{"a" 1}"#, 5), ("01", 1), ("1.", 2), ("truE", 0), ("[1] x", 4),
      ("\"a\u{1}\"", 2), (#""\x""#, 3), (#""\u12""#, 3),
    ])
  func `what is not JSON is refused at its place`(text: String, offset: Int) {
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
    do { _ = try JSONValue(parsing: text) } catch { #expect(error.offset == offset, "\(error)") }
  }

  @Test func `escapes are undone, pairs of surrogates too`() throws {
    #expect(try JSONValue(parsing: #""\u0041\/\ud83d\ude00\ud800x""#).string == "A/😀\u{FFFD}x")
  }

  private static let selection = JSONSelection(
    .named("a"),
    .named("b", JSONSelection(.named("c"), .ending("Event", JSONSelection(.named("d")))))
  )

  @Test(
    arguments: [
      (#"{"a":{"x":[1]},"e":2}"#, #"{"a":{"x":[1]}}"#),
      (#"{"z":[{"\u0041":"\"\\\u00e9]"}],"b":{"c":true,"x":{"c":1}}}"#, #"{"b":{"c":true}}"#),
      (#" { "b" : [ { "c" : 1 , "x" : null } , 2 ] } "#, #"{"b":[{"c":1},2]}"#),
      (
        #"{"b":{"someEvent":{"d":-1.5e3,"e":"0123456789abcdef\"0123456789"},"Event":{},"Events":1}}"#,
        #"{"b":{"someEvent":{"d":-1.5e3},"Event":{}}}"#
      ),
      (#"{"\u0061":1,"\u0062b":2,"aa":3}"#, #"{"a":1}"#),
      ("[]", "[]"), ("1", "1"), (#"{"x":1}"#, "{}"),
    ])
  func `only what is wanted is made`(text: String, expected: String) throws {
    #expect(try JSONValue(parsing: text, keeping: Self.selection).text() == expected)
  }

  @Test(
    arguments: [
      "", "{", "{1", "[1,]", #"{"a" 1}"#, "01", "1.", "-", "1e", "truE", "nul", "[1] x", "\"a\u{1}\"",
      #""\x""#, #""\u12""#,
      #""\ud800\u12""#, #""abcdefgh\"#, #""abcdefghijklmnop"#, #"{"k":1,}"#, #"{"k":1 "l":2}"#, #"{k:1}"#,
      "[1 2]", "]", "}",
      #"{"k":[{"l":tru}]}"#, #"{"k":"\u00zz"}"#, "[\"aaaaaaaaaaaaaaaaaaa\u{1F}\"]",
    ])
  func `what is not wanted is refused at the same place when it is no JSON`(text: String) {
    // Once by itself and once within what is skipped.
    for whole in [text, #"{"skipped":"# + text + "}"] {
      var errors: [JSONParseError?] = []
      for selection in [nil, Self.selection] {
        do {
          _ = try JSONValue(parsing: whole, keeping: selection)
          errors.append(nil)
        } catch { errors.append(error) }
      }
      #expect(errors[0] != nil && errors[0] == errors[1], "\(whole)")
    }
  }

  @Test func `what is skipped is no deeper than what is read`() {
    let deep = #"{"skipped":"# + String(repeating: "[", count: 600) + String(repeating: "]", count: 600) + "}"
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: deep, keeping: Self.selection) }
  }

  @Test func `deep nesting is refused rather than allowed to crash`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: deep) }
  }

  @Test func `objects are equal in any order and keep theirs`() throws {
    let first = try JSONValue(parsing: #"{"a":1,"b":2}"#)
    let second = try JSONValue(parsing: #"{"b":2,"a":1}"#)
    #expect(first == second)
    #expect(first.hashValue == second.hashValue)
    #expect(second.object?.keys == ["b", "a"])
  }

  @Test func `a large object finds and replaces its members`() {
    var object = JSONObject()
    for index in 0..<100 { object["k\(index)"] = .int(index) }
    object["k50"] = "changed"
    object["k0"] = nil
    #expect(object.count == 99)
    #expect(object["k50"] == "changed")
    #expect(object["k0"] == nil)
    #expect(object["k99"] == 99)
  }

  @Test func `the pretty form indents by two and ends with a newline`() {
    let value: JSONValue = ["a": [1, 2], "b": [:]]
    #expect(value.text(.pretty) == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}\n")
  }

  @Test func `seconds have three digits and no binary noise`() {
    #expect(JSONValue.seconds(0.1 + 0.2).text() == "0.300")
    #expect(JSONValue.seconds(61.0004).text() == "61.000")
  }
}
