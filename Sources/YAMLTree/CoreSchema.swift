/// The core schema of YAML 1.2 (section 10.3.2): which plain texts are null, booleans and numbers.
///
/// It is narrower than YAML 1.1, which most older tools read: `yes`, `on`, `1_000` and `12:30` are text
/// here, and `012` is twelve.
enum CoreSchema {
  static func resolve(_ text: String) -> Scalar.Value {
    var text = text
    return text.withUTF8 { resolve($0) } ?? .string(text)
  }

  /// Nil when the text is just text.
  static func resolve(_ bytes: UnsafeBufferPointer<UInt8>) -> Scalar.Value? {
    guard let first = bytes.first else { return .null }
    switch first {
    case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"), UInt8(ascii: "T"),
      UInt8(ascii: "f"), UInt8(ascii: "F"):
      return bytes.count <= 5 ? word(bytes) : nil
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      return number(bytes)
    default: return nil
    }
  }

  private static func word(_ bytes: UnsafeBufferPointer<UInt8>) -> Scalar.Value? {
    switch String(decoding: bytes, as: UTF8.self) {
    case "~", "null", "Null", "NULL": .null
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    default: nil
    }
  }

  private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Scalar.Value? {
    // Long enough for any number a person writes; a longer run of digits is an identifier.
    guard bytes.count <= 64 else { return nil }
    if bytes.count > 2, bytes[0] == UInt8(ascii: "0") {
      let digits = String(decoding: bytes.dropFirst(2), as: UTF8.self)
      let isUnsigned = bytes[2] != UInt8(ascii: "+") && bytes[2] != UInt8(ascii: "-")
      if bytes[1] == UInt8(ascii: "o"), isUnsigned { return Int(digits, radix: 8).map { .int($0) } }
      if bytes[1] == UInt8(ascii: "x"), isUnsigned { return Int(digits, radix: 16).map { .int($0) } }
    }
    var index = 0
    func digits() -> Int {
      let start = index
      while index < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[index] { index += 1 }
      return index - start
    }
    if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") { index = 1 }
    let whole = digits()
    var fraction = 0
    if index == bytes.count, whole > 0 {
      let text = String(decoding: bytes, as: UTF8.self)
      // More digits than 64 bits hold: the nearest number, with the text kept beside it.
      return Int(text).map { .int($0) } ?? Double(text).map { .float($0) }
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      fraction = digits()
      if whole == 0, fraction == 0 { return special(bytes) }
    }
    guard whole + fraction > 0 else { return nil }
    if index < bytes.count, bytes[index] == UInt8(ascii: "e") || bytes[index] == UInt8(ascii: "E") {
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
        index += 1
      }
      guard digits() > 0 else { return nil }
    }
    guard index == bytes.count else { return nil }
    return Double(String(decoding: bytes, as: UTF8.self)).map { .float($0) }
  }

  private static func special(_ bytes: UnsafeBufferPointer<UInt8>) -> Scalar.Value? {
    switch String(decoding: bytes, as: UTF8.self) {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .float(.infinity)
    case "-.inf", "-.Inf", "-.INF": .float(-.infinity)
    case ".nan", ".NaN", ".NAN": .float(.nan)
    default: nil
    }
  }
}
