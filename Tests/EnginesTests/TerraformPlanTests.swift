import Engines
import StackModel
import Testing

@Suite struct TerraformPlanTests {
  private func changes(_ change: String) throws -> [AttributeChange] {
    AttributeDiff.changes(in: try JSONValue(parsing: change))
  }

  @Test func `only attributes that differ are named, by path`() throws {
    let found = try changes(
      #"{"before":{"a":1,"b":{"c":[{"d":1},{"d":2}]},"e":"x"},"after":{"a":1,"b":{"c":[{"d":1},{"d":3}]},"e":"y"}}"#
    )
    #expect(
      found == [
        AttributeChange(path: "b.c[1].d", before: .known(2), after: .known(3)),
        AttributeChange(path: "e", before: .known("x"), after: .known("y")),
      ]
    )
  }

  @Test func `a value known after apply is said to be so`() throws {
    let found = try changes(
      #"{"before":null,"after":{"name":"x","arn":null},"after_unknown":{"arn":true,"name":false}}"#
    )
    #expect(
      found == [
        AttributeChange(path: "arn", before: .absent, after: .knownAfterApply),
        AttributeChange(path: "name", before: .absent, after: .known("x")),
      ]
    )
  }

  @Test func `a sensitive value is never carried`() throws {
    let found = try changes(
      #"{"before":{"p":"old","l":[{"s":"a"}]},"after":{"p":"new","l":[{"s":"b"},{"s":"c"}]},"before_sensitive":{"p":true,"l":[{"s":true}]},"after_sensitive":{"p":true,"l":[{"s":true},{"s":true}]}}"#
    )
    #expect(
      found == [
        AttributeChange(path: "l", before: .sensitive, after: .sensitive),
        AttributeChange(path: "p", before: .sensitive, after: .sensitive),
      ]
    )
  }

  @Test func `what becomes sensitive was so before`() throws {
    #expect(
      try changes(#"{"before":{"p":"old"},"after":{"p":"new"},"after_sensitive":{"p":true}}"#)
        == [AttributeChange(path: "p", before: .sensitive, after: .sensitive)]
    )
  }

  @Test func `one kind of nothing for another is no change`() throws {
    #expect(
      try changes(#"{"before":{"a":"","b":[],"c":null,"d":{}},"after":{"a":null,"b":null,"c":"","d":[]}}"#)
        .isEmpty
    )
    #expect(try changes(#"{"before":{"a":""},"after":{"a":null},"after_unknown":{"a":true}}"#).count == 1)
  }

  @Test func `a list that grew or shrank is shown whole`() throws {
    let found = try changes(#"{"before":{"l":["a","b"]},"after":{"l":["b"]}}"#)
    #expect(found == [AttributeChange(path: "l", before: .known(["a", "b"]), after: .known(["b"]))])
  }

  @Test func `what forces a replacement is marked, also inside`() throws {
    let found = try changes(
      #"{"before":{"n":{"a":1},"m":1},"after":{"n":{"a":2},"m":2},"replace_paths":[["n"]]}"#
    )
    #expect(found.map(\.forcesReplacement) == [false, true])
    #expect(found.map(\.path) == ["m", "n.a"])
  }

  @Test func `a plan document gives changes, drift and output changes`() throws {
    let plan = TerraformPlan(
      json: try JSONValue(
        parsing: """
          {"resource_changes":[
            {"address":"a.x","mode":"managed","type":"a","change":{"actions":["no-op"],"before":{},"after":{}}},
            {"address":"a.y","mode":"managed","type":"a","change":{"actions":["delete","create"],"before":{"v":1},"after":{"v":2}},"action_reason":"replace_because_cannot_update"},
            {"address":"a.m","mode":"managed","type":"a","previous_address":"a.old","change":{"actions":["no-op"],"before":{},"after":{}}},
            {"address":"data.d.z","mode":"data","type":"d","change":{"actions":["read"],"before":null,"after":{}}}],
           "resource_drift":[{"address":"a.w","mode":"managed","type":"a","change":{"actions":["update"],"before":{"v":1},"after":{"v":9}}}],
           "output_changes":{"o":{"actions":["create"]},"p":{"actions":["no-op"]}}}
          """
      )
    )
    #expect(plan.changes.map(\.address) == ["a.y", "a.m"])
    #expect(plan.changes.first?.action == .replace)
    #expect(plan.changes.first?.reason == "replace_because_cannot_update")
    #expect(plan.drift.map(\.address) == ["a.w"])
    #expect(plan.hasRefreshChanges)
    #expect(plan.outputChanges == 1)
    #expect(plan.summary == ChangeSummary(add: 1, remove: 1))
  }
}
