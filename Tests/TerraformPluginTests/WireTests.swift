import PluginWire
import StackModel
import TerraformPlugin
import Testing

@Suite("Protobuf wire format")
struct WireTests {
  @Test("What is written is read back, field by field")
  func roundTrip() throws {
    let bytes = ProtobufWriter.message {
      $0.int(1, 300)
      $0.int(2, -1)
      $0.string(3, "naïve")
      $0.bool(4, true)
      $0.message(5) { $0.presentInt(1, 0) }
    }
    var fields: [ProtobufField] = []
    try ProtobufReader.forEach(in: bytes[...]) { fields.append($0) }
    #expect(fields.map(\.number) == [1, 2, 3, 4, 5])
    #expect(try fields[0].int == 300)
    #expect(try fields[1].int == -1)
    #expect(try fields[2].string == "naïve")
    #expect(try fields[3].bool)
    #expect(try Array(fields[4].bytes) == [0x08, 0x00])
  }

  @Test("A field's zero is left out, a present one is not")
  func zeros() {
    #expect(ProtobufWriter.message { $0.int(1, 0) }.isEmpty)
    #expect(ProtobufWriter.message { $0.string(1, "") }.isEmpty)
    #expect(ProtobufWriter.message { $0.present(1, []) } == [0x0A, 0x00])
  }

  @Test("A field is copied with its tag as it came")
  func copying() throws {
    let original = ProtobufWriter.message { $0.string(99, "unknown to us") }
    var reader = ProtobufReader(original)
    let field = try #require(try reader.next())
    #expect(ProtobufWriter.message { $0.copy(field) } == original)
  }

  @Test(
    "A message that is cut off is refused",
    arguments: [[0x0A], [0x0A, 0x05, 0x01], [0x08, 0x80], [0x0D, 0x01], [0x00], [0x0B]] as [[UInt8]]
  )
  func broken(_ bytes: [UInt8]) {
    #expect(throws: ProtobufError.self) { try ProtobufReader.forEach(in: bytes[...]) { _ in } }
  }
}

@Suite("Values")
struct ValueTests {
  private static let type = ValueType.object([
    "name": .string, "size": .number, "tags": .map(.string), "ports": .list(.number), "zones": .set(.string),
    "pair": .tuple([.string, .bool]), "anything": .dynamic,
  ])

  private static let value = Value.object([
    "name": .string("web"), "size": .number("1.5"), "tags": .object(["a": .string("b")]),
    "ports": .list([.int(80), .int(-70000), .unknown]), "zones": .list([.string("x")]),
    "pair": .list([.string("s"), .bool(true)]), "anything": .dynamic(.list(.string), .list([.string("q")])),
  ])

  @Test("MessagePack keeps a value of every type, unknown ones included")
  func messagePack() throws {
    let bytes = MessagePackWriter.bytes(Self.value, as: Self.type)
    #expect(try MessagePackReader.value(bytes, as: Self.type) == Self.value)
  }

  @Test("Long strings, lists and maps keep their length")
  func lengths() throws {
    for count in [15, 16, 31, 32, 255, 256, 70000] {
      let text = Value.string(String(repeating: "x", count: count))
      #expect(try MessagePackReader.value(MessagePackWriter.bytes(text, as: .string), as: .string) == text)
      let list = Value.list(Array(repeating: .bool(false), count: count))
      let type = ValueType.list(.bool)
      #expect(try MessagePackReader.value(MessagePackWriter.bytes(list, as: type), as: type) == list)
    }
  }

  @Test("An unknown value with a known range is unknown")
  func refined() throws {
    // Extension type 12 with a body of two bytes.
    #expect(try MessagePackReader.value([0xC7, 0x02, 0x0C, 0x81, 0x01], as: .string) == .unknown)
  }

  @Test(
    "Numbers are read in every form",
    arguments: [
      ([0x07], "7"), ([0xFF], "-1"), ([0xCC, 0xFF], "255"), ([0xCD, 0x01, 0x00], "256"),
      ([0xD1, 0xFF, 0x00], "-256"),
      ([0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "18446744073709551615"),
      ([0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0], "1.5"), ([0xA3, 0x31, 0x65, 0x33], "1000"),
    ] as [([UInt8], String)]
  )
  func numbers(_ bytes: [UInt8], _ text: String) throws {
    #expect(try MessagePackReader.value(bytes, as: .number) == .number(text))
  }

  @Test("Bytes that are cut off or follow the value are refused")
  func broken() {
    for bytes in [[], [0xA5, 0x61], [0x93, 0x01], [0xC0, 0xC0], [0xC1]] as [[UInt8]] {
      #expect(throws: ValueError.self) { try MessagePackReader.value(bytes, as: .list(.string)) }
    }
  }

  @Test("A state's JSON becomes a value and the same JSON again")
  func json() throws {
    let json: JSONValue = ["name": "web", "size": 3, "tags": ["a": "b"], "ports": [1], "zones": nil]
    let value = try Value(json: json, as: Self.type)
    #expect(value["size"] == .int(3))
    #expect(value["pair"] == .null)
    #expect(value.json["tags"] == ["a": "b"])
  }

  @Test("Types are read and written as Terraform does")
  func types() throws {
    let json: JSONValue = ["object", ["a": ["list", "string"], "b": ["tuple", ["bool", "dynamic"]]]]
    #expect(try ValueType(json: json).json == json)
    #expect(throws: ValueTypeError.self) { try ValueType(json: "strnig") }
  }

  @Test("The elements of a set have no order")
  func sets() {
    let one = Value.list([.int(1), .int(2)])
    let other = Value.list([.int(2), .int(1)])
    #expect(one.equals(other, as: .set(.number)))
    #expect(!one.equals(other, as: .list(.number)))
  }
}
