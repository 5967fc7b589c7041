/// A message that does not follow the protobuf wire format.
package struct ProtobufError: Error, Hashable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}

/// One field of a message as it stands on the wire.
package struct ProtobufField {
  package enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)
  }

  package var number: Int
  package var value: Value
  /// The field with its tag, to be copied as it came.
  package var raw: ArraySlice<UInt8>

  package var bytes: ArraySlice<UInt8> {
    get throws(ProtobufError) {
      guard case .bytes(let bytes) = value else {
        throw ProtobufError("field \(number) is not of length form")
      }
      return bytes
    }
  }

  package var string: String { get throws(ProtobufError) { String(decoding: try bytes, as: UTF8.self) } }

  package var int: Int {
    get throws(ProtobufError) {
      guard case .varint(let value) = value else { throw ProtobufError("field \(number) is not a varint") }
      return Int(truncatingIfNeeded: value)
    }
  }

  package var bool: Bool { get throws(ProtobufError) { try int != 0 } }
}

/// Reads the fields of one message in the order they were written.
///
/// The plugin protocol has a dozen small messages, and most of what moves are opaque bytes; reading
/// fields by number keeps unknown ones intact, which generated types would parse and write anew.
package struct ProtobufReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  package mutating func next() throws(ProtobufError) -> ProtobufField? {
    guard position < bytes.endIndex else { return nil }
    let start = position
    let tag = try varint()
    let number = Int(tag >> 3)
    guard number > 0 else { throw ProtobufError("field number 0") }
    let value: ProtobufField.Value
    switch tag & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed(8))
    case 2:
      let length = try varint()
      guard length <= UInt64(bytes.endIndex - position) else {
        throw ProtobufError("field \(number) is cut off")
      }
      let end = position + Int(length)
      value = .bytes(bytes[position..<end])
      position = end
    case 5: value = .fixed32(UInt32(try fixed(4)))
    default: throw ProtobufError("wire type \(tag & 7) of field \(number)")
    }
    return ProtobufField(number: number, value: value, raw: bytes[start..<position])
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.endIndex, shift < 64 {
      let byte = bytes[position]
      position += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return result }
      shift += 7
    }
    throw ProtobufError("a varint is cut off or too long")
  }

  private mutating func fixed(_ count: Int) throws(ProtobufError) -> UInt64 {
    guard position + count <= bytes.endIndex else { throw ProtobufError("a number is cut off") }
    defer { position += count }
    return bytes[position..<position + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Calls `body` for each field.
  package static func forEach(
    in bytes: ArraySlice<UInt8>,
    _ body: (ProtobufField) throws(ProtobufError) -> Void
  ) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() { try body(field) }
  }
}
