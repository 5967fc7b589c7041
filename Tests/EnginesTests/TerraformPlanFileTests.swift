import PluginWire
import StackModel
import Testing

@testable import Engines

/// Values and marks as `show -json` writes them; whole plan files are compared end to end.
@Suite struct TerraformPlanFileTests {
  private static let type = ValueType.object([
    "name": .string, "size": .number, "tags": .map(.string), "ports": .list(.number), "zones": .set(.string),
    "box": .list(.object(["key": .string, "id": .string])),
  ])

  private func planned(
    _ members: [String: Value],
    _ sensitive: ResourceSchema.Sensitive = .none,
    marked: [[AttributePath.Step]] = []
  ) -> PlannedValue {
    PlannedValue(value: .object(members), type: Self.type, sensitive: sensitive, marked: marked)
  }

  @Test func `what is unknown is left out of objects and null in lists`() {
    let value = planned([
      "name": .unknown, "size": .int(1), "ports": .list([.int(1), .unknown]),
      "tags": .object(["a": .unknown]),
    ])
    #expect(value.known == ["size": 1, "ports": [1, .null], "tags": [:]])
    #expect(value.unknown == ["name": true, "ports": [false, true], "tags": ["a": true]])
    #expect(planned(["name": .string("a")]).unknown == [:])
  }

  @Test func `marks of the schema and of the configuration are laid over the value`() {
    let members: [String: Value] = [
      "name": .string("a"), "tags": .object(["a": .string("x"), "b": .string("y")]),
      "ports": .list([.int(1)]),
      "zones": .list([.string("z")]), "box": .list([.object(["key": .string("k"), "id": .null])]),
    ]
    #expect(
      planned(members).sensitiveMarks == ["tags": [:], "ports": [false], "zones": [false], "box": [[:]]]
    )
    let schema = ResourceSchema.Sensitive.members([
      "name": .whole, "box": .elements(.members(["key": .whole])),
    ])
    #expect(
      planned(members, schema, marked: [[.member("tags"), .member("b")], [.member("ports"), .element(0)]])
        .sensitiveMarks == [
          "name": true, "tags": ["b": true], "ports": [true], "zones": [false], "box": [["key": true]],
        ]
    )
    // One element of a set makes all of it sensitive.
    #expect(planned(members, marked: [[.member("zones"), .element(0)]]).sensitiveMarks["zones"] == true)
  }

  @Test func `collections that are unknown or missing have the marks that show gives them`() {
    let members: [String: Value] = ["tags": .unknown, "ports": .unknown, "zones": .null, "name": .unknown]
    #expect(planned(members).sensitiveMarks == ["tags": [:], "ports": []])
    let gone = PlannedValue(value: .null, type: Self.type, sensitive: .none, marked: [])
    #expect(gone.known == .null && gone.unknown == [:] && gone.sensitiveMarks == false)
  }

  @Test(arguments: [
    "module.a.aws_x.y", "data.aws_x.y", "aws_x", "aws_x.y.z", #"aws_x.y["a\"b"]"#, "ephemeral.aws_x.y",
  ])
  func `an address that is not plain is left to the engine`(address: String) {
    #expect(throws: ProtobufError.self) { try PlannedResource(self.resource(address)[...]) }
  }

  @Test func `data sources are passed over`() throws {
    #expect(try PlannedResource.managed(resource("data.aws_x.y")[...])?.type == nil)
    #expect(try PlannedResource.managed(resource("aws_x.y")[...])?.type == "aws_x")
  }

  @Test func `resources come by type, name and key`() throws {
    let addresses = ["a.b", "a.c[2]", "a.c[10]", #"a.c["x"]"#, #"a.c["y"]"#, "b.a"]
    let found = try addresses.shuffled().map { try PlannedResource(resource($0)[...]) }
      .sorted { $0.order < $1.order }.map(\.order)
    #expect(try found == addresses.map { try PlannedResource(resource($0)[...]).order })
  }

  @Test func `a field that is not known is left to the engine`() {
    #expect(throws: ProtobufError.self) {
      try PlannedResource((self.resource("a.b") + self.field(40, [1]))[...])
    }
  }

  private func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    let tag = number << 3 | 2
    return (tag < 128 ? [UInt8(tag)] : [UInt8(tag & 0x7F | 0x80), UInt8(tag >> 7)]) + [UInt8(bytes.count)]
      + bytes
  }

  private func resource(_ address: String) -> [UInt8] {
    let change = [0x08, 0x01] + field(2, field(1, [0xC0]))
    return field(8, Array(#"provider["example.com/acme/a"]"#.utf8)) + field(9, change)
      + field(13, Array(address.utf8))
  }
}
