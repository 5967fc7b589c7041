import PluginWire
import ProviderHost
import Testing

@Suite("Schema messages")
struct SchemaMessageTests {
  /// A schema as a provider sends it: an entry of each map, and fields that we do not know.
  private static func schema(types: [(Int, String)]) -> [UInt8] {
    ProtobufWriter.message {
      $0.message(1) { $0.int(1, 7) }
      for (field, name) in types { $0.entry(field, key: name, Array("schema of \(name)".utf8)) }
      $0.message(6) {
        $0.bool(1, true)
        $0.bool(2, true)
      }
      $0.entry(7, key: "arn_parse", [1, 2])
      $0.entry(99, key: "from the future", [3])
      $0.int(100, 5)
    }
  }

  private let all = [
    (2, "aws_a"), (2, "aws_b"), (3, "aws_b"), (3, "aws_c"), (8, "aws_d"), (9, "aws_e"), (11, "aws_f"),
  ]

  @Test("Names come from the three maps of types, each once")
  func names() throws {
    #expect(try SchemaMessage(Self.schema(types: all)).typeNames() == ["aws_a", "aws_b", "aws_c", "aws_d"])
  }

  @Test("What is not kept goes; all else stays byte for byte")
  func pruning() throws {
    let pruned = try SchemaMessage(Self.schema(types: all)).pruned(to: ["aws_b"])
    let expected = Self.schema(types: [(2, "aws_b"), (3, "aws_b"), (9, "aws_e"), (11, "aws_f")])
    #expect(pruned.bytes == expected)
  }

  @Test("To keep all is to change nothing, and to keep nothing leaves a schema without types")
  func extremes() throws {
    let whole = Self.schema(types: all)
    #expect(try SchemaMessage(whole).pruned(to: ["aws_a", "aws_b", "aws_c", "aws_d"]).bytes == whole)
    #expect(try SchemaMessage(whole).pruned(to: []).typeNames() == [])
  }

  @Test("An entry whose key stands behind its value is known by it all the same")
  func keyLast() throws {
    let bytes = ProtobufWriter.message {
      $0.message(2) {
        $0.present(2, [1, 2, 3])
        $0.string(1, "aws_a")
      }
    }
    #expect(try SchemaMessage(bytes).typeNames() == ["aws_a"])
    #expect(try SchemaMessage(bytes).pruned(to: []).bytes == [])
  }

  @Test("Capabilities and diagnostics are read")
  func facts() throws {
    #expect(try SchemaMessage(Self.schema(types: [])).isOptional())
    #expect(try !SchemaMessage([]).isOptional())
    #expect(try !SchemaMessage(Self.schema(types: all)).hasDiagnostics())
    let warned = ProtobufWriter.message { $0.message(4) { $0.int(1, 2) } }
    #expect(try SchemaMessage(warned).hasDiagnostics())
  }

  @Test("A message that is cut off is an error, wherever that is")
  func cutOff() throws {
    let whole = ProtobufWriter.message {
      $0.entry(2, key: "aws_a", [1, 2, 3])
      $0.entry(2, key: "aws_b", [1, 2, 3])
    }
    let border = whole.count / 2
    for length in 1..<whole.count where length != border {
      #expect(throws: ProtobufError.self) {
        try SchemaMessage(Array(whole[..<length])).pruned(to: ["aws_a", "aws_b"])
      }
    }
  }
}
