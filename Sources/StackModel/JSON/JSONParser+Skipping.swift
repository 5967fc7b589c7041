/// Reading without making anything, by the same rules.
extension JSONParser {
  mutating func skipValue() throws(JSONParseError) {
    guard let byte = current else { throw error("the document ends where a value should be") }
    switch byte {
    case UInt8(ascii: "{"): try nested { parser throws(JSONParseError) in try parser.skipObject() }
    case UInt8(ascii: "["): try nested { parser throws(JSONParseError) in try parser.skipArray() }
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "t"): try skipLiteral("true")
    case UInt8(ascii: "f"): try skipLiteral("false")
    case UInt8(ascii: "n"): try skipLiteral("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
    default: throw error("expected a value")
    }
  }

  private mutating func skipObject() throws(JSONParseError) {
    skipSpace()
    if current == UInt8(ascii: "}") {
      position += 1
      return
    }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error("expected a member name in quotes") }
      try skipString()
      try skipColon()
      try skipValue()
      skipSpace()
    } while try another(before: UInt8(ascii: "}"), in: "object")
  }

  private mutating func skipArray() throws(JSONParseError) {
    skipSpace()
    if current == UInt8(ascii: "]") {
      position += 1
      return
    }
    repeat {
      skipSpace()
      try skipValue()
      skipSpace()
    } while try another(before: UInt8(ascii: "]"), in: "array")
  }

  mutating func skipLiteral(_ text: StaticString) throws(JSONParseError) {
    let length = text.utf8CodeUnitCount
    guard position + length <= bytes.count else { throw error("expected a value") }
    for offset in 0..<length where bytes[position + offset] != text.utf8Start[offset] {
      throw error("expected a value")
    }
    position += length
  }

  mutating func skipNumber() throws(JSONParseError) {
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") { position += 1 } else { try skipDigits() }
    if current == UInt8(ascii: ".") {
      position += 1
      try skipDigits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(JSONParseError) {
    guard let byte = current, byte.isDigit else { throw error("expected a digit") }
    while let byte = current, byte.isDigit { position += 1 }
  }

  mutating func skipString() throws(JSONParseError) {
    position += 1
    while true {
      skipPlainText()
      guard let byte = current else { throw error("the document ends inside a string") }
      guard byte >= 0x20 else { throw error("a control character must be escaped in a string") }
      position += 1
      if byte == UInt8(ascii: "\"") { return }
      guard let escape = current else { throw error("the document ends inside a string") }
      position += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
        UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        break
      case UInt8(ascii: "u"): _ = try hexQuad()
      default: throw error("unknown escape in a string")
      }
    }
  }

  /// Up to the next quote, backslash or control character, or to the end.
  mutating func skipPlainText() {
    guard let start = bytes.baseAddress else { return }
    let ones: UInt64 = 0x0101_0101_0101_0101
    let raw = UnsafeRawPointer(start)
    // Eight bytes at a time. A borrow can mark a byte wrongly, but only one that comes after a right one.
    while position + 8 <= bytes.count {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let found =
        ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word)
        & (ones &* 0x80)
      if found != 0 {
        position += found.trailingZeroBitCount / 8
        return
      }
      position += 8
    }
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
      position += 1
    }
  }
}
