import StackModel
import Testing

@testable import Presentation

struct JSONDiffTests {
  private func diff(_ before: String, _ after: String) throws -> [String] {
    JSONDiff.entries(before: try JSONValue(parsing: before), after: try JSONValue(parsing: after)).map {
      "\($0.path): \($0.before?.text() ?? "none") > \($0.after?.text() ?? "none")"
    }
  }

  @Test(arguments: [
    (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, []),
    (#"{"a":{"b":[1,2]}}"#, #"{"a":{"b":[2,3]}}"#, ["a.b[]: 1 > none", "a.b[]: none > 3"]),
    (#"[{"name":"x","v":1},{"name":"y"}]"#, #"[{"name":"y"},{"name":"x","v":2}]"#, ["[name=x].v: 1 > 2"]),
    (
      #"[{"name":"x"}]"#, #"[{"name":"x"},{"name":"z","v":1}]"#,
      [#"[name=z].name: none > "z""#, "[name=z].v: none > 1"]
    ),
    (#"[{"p":1},{"p":2}]"#, #"[{"p":0},{"p":1},{"p":2}]"#, ["[0].p: none > 0"]),
    (#"[{"p":1},{"p":2},{"p":3}]"#, #"[{"p":1},{"p":3}]"#, ["[1].p: 2 > none"]),
    (#"{"x.y":1}"#, #"{"x.y":"1"}"#, [#"["x.y"]: 1 > "1""#]),
    (#"{"a":null}"#, #"{}"#, []),
    (#"[1,2]"#, #"[2,1]"#, [": [1,2] > [2,1]"]),
    (#"[[1],[2]]"#, #"[[1],[3]]"#, ["[1]: [2] > [3]"]),
    (#"{"a":[]}"#, #"{"a":[1]}"#, ["a: [] > [1]"]),
  ])
  func `only what differs is told`(before: String, after: String, expected: [String]) throws {
    let actual = try diff(before, after)
    #expect(actual == expected)
  }

  @Test(arguments: ["12", "\"x\"", "{", "[1", "text", "", "  ", "{\"a\":}"])
  func `a text that is no JSON object or list is no document`(text: String) {
    #expect(JSONValue.string(text).document == nil)
  }

  @Test func `long texts are cut so that the difference is seen`() {
    let head = String(repeating: "same ", count: 50)
    let (before, after) = ValueText.pair(
      .known(.string(head + "old")),
      .known(.string(head + "new")),
      limit: 30
    )
    #expect(before.hasSuffix("old\"") && after.hasSuffix("new\"") && before.hasPrefix("\"…"))
    #expect(before.count <= 30 && after.count <= 30)
    #expect(ValueText.inline(.string(head), limit: 12) == "\"same same…\"")
    #expect(ValueText.inline(.string("exactly ten"), limit: 13) == "\"exactly ten\"")
  }
}
