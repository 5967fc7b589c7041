import StackModel

/// Finds what makes a file not UTF-8 text, before the parser sees it, so that the error can say so.
enum TextCheck {
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  static func problem(in bytes: [UInt8], file: String) -> Diagnostic? {
    if let encoding = otherEncoding(bytes) {
      return .error(
        "yaml.encoding",
        "the file is written in \(encoding); a manifest is UTF-8",
        at: SourceLocation(file: file, line: 1, column: 1),
        hint: "save it as UTF-8"
      )
    }
    let start = bytes.starts(with: byteOrderMark) ? 3 : 0
    return bytes.withUnsafeBufferPointer { buffer in
      guard let offset = firstBad(buffer, from: start) else { return nil }
      let place = location(of: offset, in: buffer, from: start, file: file)
      let byte = buffer[offset]
      if buffer.contains(0) || looksBinary(buffer) {
        return .error(
          "yaml.not-text",
          "this is not text: it holds the byte \(hex(byte))",
          at: place,
          hint: "give a YAML or JSON file"
        )
      }
      guard let scalar = decode(buffer, at: offset)?.scalar else {
        return .error(
          "yaml.encoding",
          "the byte \(hex(byte)) is not valid UTF-8",
          at: place,
          hint: "save the file as UTF-8"
        )
      }
      return .error(
        "yaml.control-character",
        "the character U+\(padded(scalar.value)) may not stand in YAML",
        at: place,
        hint: "remove it, or write it as an escape inside double quotes: \"\\u\(padded(scalar.value))\""
      )
    }
  }

  private static func otherEncoding(_ bytes: [UInt8]) -> String? {
    let head = Array(bytes.prefix(4))
    if head == [0, 0, 0xFE, 0xFF] || head == [0xFF, 0xFE, 0, 0] { return "UTF-32" }
    if head.starts(with: [0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE]) { return "UTF-16" }
    // Without a mark, text in Latin letters still shows a zero in every second byte.
    guard head.count == 4 else { return nil }
    let zeros = head.map { $0 == 0 }
    return zeros == [true, false, true, false] || zeros == [false, true, false, true] ? "UTF-16" : nil
  }

  /// More than one byte in ten that no text has.
  private static func looksBinary(_ buffer: UnsafeBufferPointer<UInt8>) -> Bool {
    let sample = buffer.prefix(4096)
    let strange = sample.count { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D && $0 != 0x1B }
    return strange * 10 > sample.count
  }

  private static func firstBad(_ buffer: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    while index < buffer.count {
      let byte = buffer[index]
      if byte < 0x7F {
        guard byte >= 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D else { return index }
        index += 1
      } else {
        guard let (scalar, length) = decode(buffer, at: index), isAllowed(scalar) else { return index }
        index += length
      }
    }
    return nil
  }

  /// The characters beyond ASCII that YAML 1.2 lets stand in a file (its production 1).
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x85, 0xA0..<0xFEFF, 0xFF00..<0xFFFE, 0x10000...: true
    default: false
    }
  }

  private static func decode(
    _ buffer: UnsafeBufferPointer<UInt8>,
    at index: Int
  ) -> (scalar: Unicode.Scalar, length: Int)? {
    var iterator = buffer[index..<min(index + 4, buffer.count)].makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, UTF8.width(scalar))
  }

  private static func location(
    of offset: Int,
    in buffer: UnsafeBufferPointer<UInt8>,
    from start: Int,
    file: String
  ) -> SourceLocation {
    var line = 1
    var lineStart = start
    for index in start..<offset where buffer[index] == 0x0A {
      line += 1
      lineStart = index + 1
    }
    // Everything before is valid, so every byte that is not a continuation starts a character.
    let column = buffer[lineStart..<offset].count { $0 & 0xC0 != 0x80 } + 1
    return SourceLocation(file: file, line: line, column: column)
  }

  private static func hex(_ byte: UInt8) -> String {
    "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }

  private static func padded(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
