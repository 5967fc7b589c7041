import StackModel

/// Reads values in the MessagePack form of the plugin protocol.
package struct MessagePackReader {
  private let bytes: [UInt8]
  private var position = 0

  /// - Throws: when the bytes do not hold exactly one value of the type.
  package static func value(_ bytes: [UInt8], as type: ValueType) throws(ValueError) -> Value {
    var reader = MessagePackReader(bytes: bytes)
    let value = try reader.value(as: type)
    guard reader.position == bytes.count else { throw ValueError("bytes follow the value") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func byte() throws(ValueError) -> UInt8 {
    guard position < bytes.count else { throw ValueError("the value is cut off") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func unsigned(_ count: Int) throws(ValueError) -> UInt64 {
    var result: UInt64 = 0
    for _ in 0..<count { result = result << 8 | UInt64(try byte()) }
    return result
  }

  private mutating func take(_ count: UInt64) throws(ValueError) -> ArraySlice<UInt8> {
    guard count <= UInt64(bytes.count - position) else { throw ValueError("the value is cut off") }
    defer { position += Int(count) }
    return bytes[position..<position + Int(count)]
  }

  private mutating func value(as type: ValueType) throws(ValueError) -> Value {
    guard position < bytes.count else { throw ValueError("the value is cut off") }
    let first = bytes[position]
    if first == 0xC0 {
      position += 1
      return .null
    }
    if try skipExtension(first) { return .unknown }
    switch type {
    case .bool:
      switch try byte() {
      case 0xC2: return .bool(false)
      case 0xC3: return .bool(true)
      default: throw ValueError("expected a boolean")
      }
    case .number: return try number()
    case .string: return .string(try string())
    case .list(let element), .set(let element):
      return .list(
        try elements(try arrayCount()) { reader, _ throws(ValueError) in try reader.value(as: element) }
      )
    case .tuple(let types):
      let count = try arrayCount()
      guard count == types.count else { throw ValueError("a tuple of \(types.count) has \(count) elements") }
      return .list(
        try elements(count) { reader, index throws(ValueError) in try reader.value(as: types[index]) }
      )
    case .map(let element): return try members { _ in element }
    case .object(let attributes): return try members { attributes[$0] }
    case .dynamic: return try dynamic()
    }
  }

  private mutating func elements(
    _ count: Int,
    _ body: (inout MessagePackReader, Int) throws(ValueError) -> Value
  ) throws(ValueError) -> [Value] {
    var result: [Value] = []
    for index in 0..<count { result.append(try body(&self, index)) }
    return result
  }

  private mutating func members(_ type: (String) -> ValueType?) throws(ValueError) -> Value {
    let first = try byte()
    let count: Int
    switch first {
    case 0x80...0x8F: count = Int(first & 0x0F)
    case 0xDE: count = Int(try unsigned(2))
    case 0xDF: count = Int(try unsigned(4))
    default: throw ValueError("expected a map")
    }
    var members: [String: Value] = [:]
    for _ in 0..<count {
      let name = try string()
      guard let type = type(name) else { throw ValueError("there is no attribute \(name)") }
      members[name] = try value(as: type)
    }
    return .object(members)
  }

  /// A pair of the type's JSON text and the value.
  private mutating func dynamic() throws(ValueError) -> Value {
    guard try arrayCount() == 2 else { throw ValueError("expected a type and a value") }
    let text = try string()
    let type: ValueType
    do { type = try ValueType(json: try JSONValue(parsing: text)) } catch {
      throw ValueError("a value of any type has no readable type")
    }
    return .dynamic(type, try value(as: type))
  }

  private mutating func arrayCount() throws(ValueError) -> Int {
    let first = try byte()
    switch first {
    case 0x90...0x9F: return Int(first & 0x0F)
    case 0xDC: return Int(try unsigned(2))
    case 0xDD: return Int(try unsigned(4))
    default: throw ValueError("expected an array")
    }
  }

  private mutating func string() throws(ValueError) -> String {
    let first = try byte()
    let count: UInt64
    switch first {
    case 0xA0...0xBF: count = UInt64(first & 0x1F)
    case 0xD9, 0xC4: count = try unsigned(1)
    case 0xDA, 0xC5: count = try unsigned(2)
    case 0xDB, 0xC6: count = try unsigned(4)
    default: throw ValueError("expected a string")
    }
    return String(decoding: try take(count), as: UTF8.self)
  }

  private mutating func number() throws(ValueError) -> Value {
    let first = bytes[position]
    switch first {
    // A number that fits neither an integer nor a double comes as its decimal text.
    case 0xA0...0xBF, 0xD9, 0xDA, 0xDB: return .number(canonical: try string())
    default: position += 1
    }
    switch first {
    case 0x00...0x7F: return .int(Int(first))
    case 0xE0...0xFF: return .int(Int(Int8(bitPattern: first)))
    case 0xCC: return .int(Int(try unsigned(1)))
    case 0xCD: return .int(Int(try unsigned(2)))
    case 0xCE: return .int(Int(try unsigned(4)))
    case 0xCF: return .number(String(try unsigned(8)))
    case 0xD0: return .int(Int(Int8(truncatingIfNeeded: try unsigned(1))))
    case 0xD1: return .int(Int(Int16(truncatingIfNeeded: try unsigned(2))))
    case 0xD2: return .int(Int(Int32(truncatingIfNeeded: try unsigned(4))))
    case 0xD3: return .int(Int(Int64(bitPattern: try unsigned(8))))
    case 0xCA: return .number(canonical: "\(Float(bitPattern: UInt32(try unsigned(4))))")
    case 0xCB: return .number(canonical: "\(Double(bitPattern: try unsigned(8)))")
    default: throw ValueError("expected a number")
    }
  }

  /// Whatever is an extension stands for an unknown value; what it may say of the value's range is
  /// a help to Terraform that a provider may ignore.
  private mutating func skipExtension(_ first: UInt8) throws(ValueError) -> Bool {
    let count: UInt64
    switch first {
    case 0xD4...0xD8:
      position += 1
      count = 1 << UInt64(first - 0xD4)
    case 0xC7...0xC9:
      position += 1
      count = try unsigned(1 << Int(first - 0xC7))
    default: return false
    }
    _ = try take(count + 1)
    return true
  }
}
