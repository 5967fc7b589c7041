import StackModel

/// Writes values in the MessagePack form of the plugin protocol.
package struct MessagePackWriter {
  private var bytes: [UInt8] = []

  package static func bytes(_ value: Value, as type: ValueType) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.write(value, as: type)
    return writer.bytes
  }

  private mutating func write(_ value: Value, as type: ValueType) {
    switch (value, type) {
    case (.null, _): bytes.append(0xC0)
    // Extension type 0 with one byte of zero: an unknown value of which nothing more is said.
    case (.unknown, _): bytes += [0xD4, 0x00, 0x00]
    case (.bool(let value), _): bytes.append(value ? 0xC3 : 0xC2)
    case (.number(let text), _): write(number: text)
    case (.string(let text), _): write(string: text)
    case (.list(let elements), .tuple(let types)):
      header(elements.count, small: 0x90, limit: 16, wide: 0xDC)
      for (element, type) in zip(elements, types) { write(element, as: type) }
    case (.list(let elements), .list(let type)), (.list(let elements), .set(let type)):
      header(elements.count, small: 0x90, limit: 16, wide: 0xDC)
      for element in elements { write(element, as: type) }
    case (.object(let members), .object(let attributes)):
      header(attributes.count, small: 0x80, limit: 16, wide: 0xDE)
      for (name, type) in attributes.sorted(by: { $0.key < $1.key }) {
        write(string: name)
        write(members[name] ?? .null, as: type)
      }
    case (.object(let members), .map(let type)):
      header(members.count, small: 0x80, limit: 16, wide: 0xDE)
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        write(string: name)
        write(member, as: type)
      }
    case (.dynamic(let type, let value), _):
      bytes.append(0x92)
      write(binary: Array(type.json.bytes()))
      write(value, as: type)
    // A value of another type than its place would be a mistake of ours; Terraform names the place.
    case (.list, _), (.object, _): bytes.append(0xC0)
    }
  }

  private mutating func big(_ value: UInt64, _ count: Int) {
    for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  /// The head of an array or map: `small` holds the count in itself, `wide` and the next one after it.
  private mutating func header(_ count: Int, small: UInt8, limit: Int, wide: UInt8) {
    if count < limit {
      bytes.append(small | UInt8(count))
    } else if count <= Int(UInt16.max) {
      bytes.append(wide)
      big(UInt64(count), 2)
    } else {
      bytes.append(wide + 1)
      big(UInt64(count), 4)
    }
  }

  private mutating func write(string text: String) {
    let utf8 = Array(text.utf8)
    switch utf8.count {
    case ..<32: bytes.append(0xA0 | UInt8(utf8.count))
    case ...0xFF:
      bytes.append(0xD9)
      big(UInt64(utf8.count), 1)
    case ...0xFFFF:
      bytes.append(0xDA)
      big(UInt64(utf8.count), 2)
    default:
      bytes.append(0xDB)
      big(UInt64(utf8.count), 4)
    }
    bytes += utf8
  }

  private mutating func write(binary: [UInt8]) {
    if binary.count <= 0xFF {
      bytes.append(0xC4)
      big(UInt64(binary.count), 1)
    } else {
      bytes.append(0xC6)
      big(UInt64(binary.count), 4)
    }
    bytes += binary
  }

  private mutating func write(number text: String) {
    if let value = Int64(text) {
      switch value {
      case 0...0x7F: bytes.append(UInt8(value))
      case -32..<0: bytes.append(UInt8(bitPattern: Int8(value)))
      default:
        bytes.append(0xD3)
        big(UInt64(bitPattern: value), 8)
      }
    } else if let value = UInt64(text) {
      bytes.append(0xCF)
      big(value, 8)
    } else if let value = Double(text), Value.number(canonical: "\(value)") == .number(text) {
      bytes.append(0xCB)
      big(value.bitPattern, 8)
    } else {
      write(string: text)
    }
  }
}
