import StackModel

/// What a program template may call. Each takes values of the normal form, escaped, and gives such a value.
enum TemplateFunction {
  static func call(_ name: String, _ arguments: [JSONValue]) throws(TemplateError) -> JSONValue {
    guard !arguments.contains(.null) else { return .null }
    switch (name, arguments.count) {
    case ("id", 1): return .string(PulumiText.identifier(try text(arguments[0], of: name)))
    case ("secret", 1):
      return .string(PulumiText.secretName(PulumiText.unescaped(try text(arguments[0], of: name))))
    case ("secret", 2):
      let key = "\(try text(arguments[0], of: name))/\(try text(arguments[1], of: name))"
      return .string(PulumiText.secretName(PulumiText.unescaped(key)))
    case ("text", 1): return .string(try text(arguments[0], of: name))
    case ("number", 1): return number(arguments[0])
    case ("octal", 1):
      guard let mode = Int(try text(arguments[0], of: name), radix: 8) else { throw wrong(name, arguments) }
      return .int(mode)
    case ("part", 3):
      let parts = try text(arguments[0], of: name).split(
        separator: try text(arguments[1], of: name),
        omittingEmptySubsequences: false
      )
      guard let index = arguments[2].int, parts.indices.contains(index) else { return .null }
      return .string(String(parts[index]))
    case ("first", 1): return arguments[0][0] ?? .null
    case ("firstKey", 1): return arguments[0].object?.keys.min().map(JSONValue.string) ?? .null
    case ("begins", 2):
      return .bool(try text(arguments[0], of: name).hasPrefix(try text(arguments[1], of: name)))
    case ("in", 2...): return .bool(arguments.dropFirst().contains(arguments[0]))
    case ("consoleName", 1):
      let plain = PulumiText.unescaped(try text(arguments[0], of: name))
      let quoted = percentEncoded(percentEncoded(plain)).replacing("%", with: "$")
      return .string(PulumiText.escaped(quoted))
    default: throw wrong(name, arguments)
    }
  }

  private static func wrong(_ name: String, _ arguments: [JSONValue]) -> TemplateError {
    .template("\(name)(\(arguments.map { $0.text() }.joined(separator: ", "))) is not defined")
  }

  private static func text(_ value: JSONValue, of name: String) throws(TemplateError) -> String {
    switch value {
    case .string(let text), .number(let text): return text
    case .bool(let value): return value ? "true" : "false"
    default: throw .template("\(name) takes text, not \(value.text())")
    }
  }

  /// Text of digits as a number; anything else as it is, such as a percentage or a port's name.
  private static func number(_ value: JSONValue) -> JSONValue {
    guard case .string(let text) = value, let number = Int(text), String(number) == text else { return value }
    return .int(number)
  }

  private static func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%\(digits.count == 1 ? "0" : "")\(digits)"
      }
    }
    return result
  }
}
