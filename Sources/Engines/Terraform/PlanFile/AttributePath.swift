import PluginWire
import StackModel

/// A way to an attribute inside a resource, as a plan file writes it.
enum AttributePath {
  enum Step: Hashable {
    case member(String)
    case element(Int)
  }

  static func json(_ steps: [Step]) -> JSONValue {
    .array(
      steps.map { step in
        switch step {
        case .member(let name): .string(name)
        case .element(let index): .int(index)
        }
      }
    )
  }

  static func steps(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> [Step] {
    var steps: [Step] = []
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      guard field.number == 1 else { throw ProtobufError("a path with a field \(field.number)") }
      try ProtobufReader.forEach(in: try field.bytes) { part throws(ProtobufError) in
        switch part.number {
        case 1: steps.append(.member(try part.string))
        case 2: steps.append(try key(try packed(try part.bytes)))
        default: throw ProtobufError("a step with a field \(part.number)")
        }
      }
    }
    return steps
  }

  /// The bytes of a packed value.
  static func packed(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> [UInt8] {
    var result: [UInt8]?
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      guard field.number == 1 else { throw ProtobufError("a value in another form than MessagePack") }
      result = Array(try field.bytes)
    }
    guard let result else { throw ProtobufError("a value without content") }
    return result
  }

  /// An index, or the key of a map; the elements of sets have no name that we could give them.
  private static func key(_ packed: [UInt8]) throws(ProtobufError) -> Step {
    guard let value = try? MessagePackReader.value(packed, as: .dynamic), case .dynamic(_, let key) = value
    else { throw ProtobufError("a key that is neither a number nor text") }
    switch key {
    case .number(let text): if let index = Int(text) { return .element(index) }
    case .string(let text): return .member(text)
    default: break
    }
    throw ProtobufError("a key that is neither a number nor text")
  }
}
