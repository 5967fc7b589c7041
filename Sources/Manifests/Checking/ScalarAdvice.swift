import YAMLTree

/// What to tell someone whose value YAML 1.2 reads otherwise than they meant.
enum ScalarAdvice {
  static func hint(for node: YAMLNode, wanted: TypeSet, secret: Bool) -> String? {
    guard let scalar = node.scalar else {
      return node.mapping != nil && wanted.contains(.array) ? "begin each element with a dash" : nil
    }
    if node.isNull {
      return wanted.contains(.string)
        ? "write \"\" for empty text, or remove the field" : "give it a value, or remove the field"
    }
    if secret { return nil }
    if wanted.contains(.boolean), let hint = booleanHint(scalar) { return hint }
    if !wanted.isDisjoint(with: [.integer, .number]), let hint = numberHint(scalar) { return hint }
    if wanted.contains(.array) { return "write a list: [\(scalar.text)]" }
    return nil
  }

  private static func booleanHint(_ scalar: Scalar) -> String? {
    guard case .string(let text) = scalar.value else { return nil }
    let word = text.lowercased()
    if word == "true" || word == "false" {
      return scalar.isPlain ? "write \(word)" : "remove the quotes: \(word)"
    }
    let meant: String
    switch word {
    case "yes", "on", "y": meant = "true"
    case "no", "off", "n": meant = "false"
    default: return nil
    }
    return scalar.isPlain ? "YAML 1.2 reads \(text) as text; write \(meant)" : "write \(meant)"
  }

  private static func numberHint(_ scalar: Scalar) -> String? {
    guard case .string(let text) = scalar.value else { return nil }
    switch Scalar(plain: text).value {
    case .int, .float: return "remove the quotes: \(text)"
    default: break
    }
    guard scalar.isPlain, let first = text.utf8.first, first.isDigit else { return nil }
    let joined = text.filter { $0 != "_" }
    if joined != text, case .int = Scalar(plain: joined).value {
      return "YAML 1.2 reads \(text) as text; write \(joined)"
    }
    if text.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ":") }) {
      return "YAML 1.2 reads \(text) as text; write one number"
    }
    if text.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: "-") }) {
      return "\(text) is read as text, not a date"
    }
    return nil
  }

  /// A whole number such as 012 that YAML 1.1 takes for octal.
  static func leadingZero(_ scalar: Scalar) -> (decimal: Int, octal: Int)? {
    guard scalar.isPlain, scalar.text.utf8.first == UInt8(ascii: "0"), case .int(let decimal) = scalar.value,
      scalar.text.utf8.count > 1, scalar.text.utf8.allSatisfy(\.isDigit),
      let octal = Int(scalar.text, radix: 8)
    else { return nil }
    return decimal == octal ? nil : (decimal, octal)
  }
}

extension UInt8 {
  var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
}
