import Engines
import StackModel
import Testing

@Suite struct RealDriftTests {
  private func drift(_ resources: String, owned: Set<String> = []) throws -> [PlannedChange] {
    TerraformPlan(
      json: try JSONValue(
        parsing: """
          {"resource_drift":[\(resources)],
           "configuration":{"root_module":{"resources":[
             {"address":"aws_a.x","expressions":{"name":{},"count":{}}}],
             "module_calls":{"m":{"module":{"resources":[{"address":"aws_a.y","expressions":{"name":{}}}]}}}}}}
          """
      ),
      owned: owned
    ).drift
  }

  private func update(_ address: String, _ before: String, _ after: String) -> String {
    #"{"address":"\#(address)","mode":"managed","type":"aws_a","change":{"actions":["update"],"before":\#(before),"after":\#(after)}}"#
  }

  @Test func `an attribute that the program sets is real drift`() throws {
    let found = try drift(
      update(#"aws_a.x[\"k]ey\"]"#, #"{"name":"a","arn":"1"}"#, #"{"name":"b","arn":"2"}"#)
    )
    #expect(found.map(\.address) == [#"aws_a.x["k]ey"]"#])
    #expect(found.first?.attributes.map(\.path) == ["name"])
  }

  @Test func `one in a module too`() throws {
    #expect(try drift(update("module.m[0].aws_a.y", #"{"name":"a"}"#, #"{"name":"b"}"#)).count == 1)
  }

  @Test func `what the platform computes, empty for nothing, and what is owned elsewhere are not`() throws {
    #expect(try drift(update("aws_a.x", #"{"arns":[]}"#, #"{"arns":["a"]}"#)).isEmpty)
    #expect(try drift(update("aws_a.x", #"{"name":null}"#, #"{"name":""}"#)).isEmpty)
    let scaled = update("aws_a.x[0]", #"{"count":1}"#, #"{"count":4}"#)
    #expect(try drift(scaled).count == 1)
    #expect(try drift(scaled, owned: ["aws_a.x.count"]).isEmpty)
  }

  @Test func `a resource that is gone is always real`() throws {
    let gone =
      #"{"address":"aws_b.z","mode":"managed","type":"aws_b","change":{"actions":["delete"],"before":{"a":1},"after":null}}"#
    #expect(try drift(gone).map(\.action) == [.delete])
  }
}
