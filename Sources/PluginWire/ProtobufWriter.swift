/// Writes the fields of one message. As in proto3, a field that holds its type's zero is left out.
package struct ProtobufWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package static func message(_ body: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    body(&writer)
    return writer.bytes
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func tag(_ number: Int, wireType: UInt64) { varint(UInt64(number) << 3 | wireType) }

  package mutating func int(_ number: Int, _ value: Int) {
    guard value != 0 else { return }
    tag(number, wireType: 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// An integer that is written even when it is zero: a member of a `oneof`, where presence counts.
  package mutating func presentInt(_ number: Int, _ value: Int) {
    tag(number, wireType: 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  package mutating func bool(_ number: Int, _ value: Bool) { int(number, value ? 1 : 0) }

  package mutating func string(_ number: Int, _ value: String) {
    if !value.isEmpty { present(number, Array(value.utf8)) }
  }

  package mutating func bytes(_ number: Int, _ value: some Collection<UInt8>) {
    if !value.isEmpty { present(number, value) }
  }

  /// Bytes that are written even when there are none: a message without fields, an element of a list.
  package mutating func present(_ number: Int, _ value: some Collection<UInt8>) {
    tag(number, wireType: 2)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  package mutating func message(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
    present(number, Self.message(body))
  }

  /// An entry of a `map<string, message>`.
  package mutating func entry(_ number: Int, key: String, _ value: [UInt8]) {
    message(number) {
      $0.string(1, key)
      $0.present(2, value)
    }
  }

  /// A field as another message held it, tag and all.
  package mutating func copy(_ field: ProtobufField) { bytes.append(contentsOf: field.raw) }
}
