/// Why a text is not JSON, and where.
package struct JSONParseError: Error, Equatable, CustomStringConvertible {
  package var message: String
  /// Offset of the offending byte, from 0.
  package var offset: Int

  package var description: String { "\(message) at byte \(offset)" }
}

extension JSONValue {
  /// Reads one JSON document (RFC 8259). White space may surround it, nothing else.
  package init(parsing bytes: some Collection<UInt8>) throws(JSONParseError) {
    let result = bytes.withContiguousStorageIfAvailable { buffer in
      Result { () throws(JSONParseError) in try JSONParser.document(in: buffer, keeping: nil) }
    }
    if let result {
      self = try result.get()
    } else {
      self = try JSONValue(parsing: Array(bytes))
    }
  }

  /// - Parameter selection: the members that are wanted; all of them if nil. The others are read, so that a text
  ///   is refused as it always is, and nothing is made of them.
  package init(parsing text: String, keeping selection: JSONSelection? = nil) throws(JSONParseError) {
    var text = text
    let result = text.withUTF8 { buffer in
      Result { () throws(JSONParseError) in try JSONParser.document(in: buffer, keeping: selection) }
    }
    self = try result.get()
  }
}

/// A recursive-descent reader over a buffer that outlives it.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  private var depth = 0
  /// Deeper documents are refused rather than allowed to overflow the stack.
  private static let depthLimit = 512

  static func document(
    in bytes: UnsafeBufferPointer<UInt8>,
    keeping selection: JSONSelection?
  ) throws(JSONParseError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    parser.skipSpace()
    let value = try parser.value(selection)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("unexpected text after the document") }
    return value
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  func error(_ message: String) -> JSONParseError {
    JSONParseError(message: message, offset: position)
  }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func value(_ selection: JSONSelection? = nil) throws(JSONParseError) -> JSONValue {
    guard let byte = current else { throw error("the document ends where a value should be") }
    switch byte {
    case UInt8(ascii: "{"):
      return try nested { parser throws(JSONParseError) in try parser.object(selection) }
    case UInt8(ascii: "["):
      return try nested { parser throws(JSONParseError) in try parser.array(selection) }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw error("expected a value")
    }
  }

  mutating func nested<Made>(
    _ body: (inout JSONParser) throws(JSONParseError) -> Made
  ) throws(JSONParseError) -> Made {
    guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
    depth += 1
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object(_ selection: JSONSelection?) throws(JSONParseError) -> JSONValue {
    var object = JSONObject()
    skipSpace()
    if current == UInt8(ascii: "}") {
      position += 1
      return .object(object)
    }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error("expected a member name in quotes") }
      if let selection {
        let start = position
        try skipString()
        let name = UnsafeBufferPointer(rebasing: bytes[(start + 1)..<(position - 1)])
        if let member = selection.member(name) {
          let end = position
          position = start
          let key = try string()
          position = end
          try skipColon()
          object[key] = try value(member.inside)
        } else {
          try skipColon()
          try skipValue()
        }
      } else {
        let key = try string()
        try skipColon()
        object[key] = try value()
      }
      skipSpace()
      guard try another(before: UInt8(ascii: "}"), in: "object") else { return .object(object) }
    }
  }

  mutating func skipColon() throws(JSONParseError) {
    skipSpace()
    guard current == UInt8(ascii: ":") else { throw error("expected ':' after a member name") }
    position += 1
    skipSpace()
  }

  private mutating func array(_ selection: JSONSelection?) throws(JSONParseError) -> JSONValue {
    var elements: [JSONValue] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      position += 1
      return .array(elements)
    }
    while true {
      skipSpace()
      elements.append(try value(selection))
      skipSpace()
      guard try another(before: UInt8(ascii: "]"), in: "array") else { return .array(elements) }
    }
  }

  /// Consumes a comma (true) or the closing byte (false).
  mutating func another(before close: UInt8, in container: String) throws(JSONParseError) -> Bool {
    guard let byte = current, byte == UInt8(ascii: ",") || byte == close else {
      throw error("expected ',' or the end of the \(container)")
    }
    position += 1
    return byte != close
  }

  private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue
  {
    try skipLiteral(text)
    return value
  }

  private mutating func number() throws(JSONParseError) -> String {
    let start = position
    try skipNumber()
    return text(start..<position)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
  }

  private mutating func string() throws(JSONParseError) -> String {
    position += 1
    let start = position
    // Most strings hold no escape: find the closing quote and copy once.
    skipPlainText()
    guard let byte = current else { throw error("the document ends inside a string") }
    if byte == UInt8(ascii: "\"") {
      defer { position += 1 }
      return text(start..<position)
    }
    guard byte == UInt8(ascii: "\\") else { throw error("a control character must be escaped in a string") }
    return try escapedString(from: start)
  }

  private mutating func escapedString(from start: Int) throws(JSONParseError) -> String {
    var result: [UInt8] = []
    var copied = start
    while let byte = current {
      result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<position]))
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
      case UInt8(ascii: "\\"): try appendEscape(to: &result)
      default: throw error("a control character must be escaped in a string")
      }
      copied = position
      skipPlainText()
    }
    throw error("the document ends inside a string")
  }

  private mutating func appendEscape(to result: inout [UInt8]) throws(JSONParseError) {
    guard let byte = current else { throw error("the document ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      var scalar = try hexQuad()
      if 0xD800..<0xDC00 ~= scalar, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
        bytes[position + 1] == UInt8(ascii: "u")
      {
        let resume = position
        position += 2
        let low = try hexQuad()
        if 0xDC00..<0xE000 ~= low {
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        } else {
          position = resume
        }
      }
      // A lone surrogate is no character; Terraform and Go write U+FFFD for it and so do we.
      result.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
    default: throw error("unknown escape in a string")
    }
  }

  mutating func hexQuad() throws(JSONParseError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error("expected four hexadecimal digits after \\u") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = bytes[position].hexDigit else {
        throw error("expected four hexadecimal digits after \\u")
      }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }
}

extension UInt8 {
  var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

  fileprivate var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
