import StackModel
import YAMLTree

/// Types and values of single fields.
extension Check {
  /// Whether the value has a type that the schema allows; turns it into that type where it is read so.
  mutating func checkType(_ node: inout YAMLNode, _ rules: JSONSchema.Node) -> Bool {
    let types = rules.types
    if types.isEmpty { return true }
    switch node.content {
    case .sequence: if types.contains(.array) { return true }
    case .mapping: if types.contains(.object) { return true }
    case .scalar(let scalar):
      switch scalar.value {
      case .null: if types.contains(.null) { return true }
      case .bool: if types.contains(.boolean) { return true }
      case .string: if types.contains(.string) { return true }
      case .int:
        if !types.isDisjoint(with: [.integer, .number]) {
          warnAboutLeadingZero(scalar, at: node.location)
          return true
        }
      case .float(let value):
        if types.contains(.number) { return true }
        if types.contains(.integer), let whole = Int(exactly: value) {
          node.content = .scalar(Scalar(text: scalar.text, isPlain: true, value: .int(whole)))
          return true
        }
      }
      if types.contains(.string), !node.isNull {
        takeText(scalar, &node)
        return true
      }
    }
    report(
      "manifest.type",
      "expected \(types.words), found \(Words.value(node, secret: isSecret))",
      at: node.location,
      hint: ScalarAdvice.hint(for: node, wanted: types, secret: isSecret)
    )
    return false
  }

  private mutating func takeText(_ scalar: Scalar, _ node: inout YAMLNode) {
    node.content = .scalar(Scalar(string: scalar.text))
    if isDefault { return }
    let message =
      isSecret
      ? "text is expected here; the value is read as text, as it is written"
      : "text is expected here; \(scalar.text) is read as \(Words.quoted(scalar.text))"
    report(
      "manifest.text-expected",
      message,
      at: node.location,
      severity: .warning,
      hint: "write it in quotes"
    )
  }

  private mutating func warnAboutLeadingZero(_ scalar: Scalar, at place: SourceLocation) {
    guard let (decimal, octal) = ScalarAdvice.leadingZero(scalar) else { return }
    report(
      "manifest.leading-zero",
      "\(scalar.text) is read as \(decimal); YAML 1.1 tools read it as \(octal)",
      at: place,
      severity: .warning,
      hint: "write \(decimal), or 0o\(String(octal, radix: 8)) for octal"
    )
  }

  mutating func checkAllowed(_ node: YAMLNode, _ allowed: [JSONValue]) {
    let value = node.json
    if allowed.contains(where: { $0 == value || ($0.double != nil && $0.double == value.double) }) { return }
    let texts = allowed.map { $0.text() }
    let expected = texts.count <= 12 ? Words.alternatives(texts) : "one of \(texts.count) values"
    var hint: String?
    if let text = node.string {
      let candidates = allowed.compactMap(\.string)
      let near =
        candidates.first { $0.lowercased() == text.lowercased() }
        ?? Suggestion.nearest(to: text, among: candidates)
      hint = near.map { "did you mean \(Words.quoted($0))?" }
    }
    report(
      "manifest.enum",
      "expected \(expected), found \(Words.value(node, secret: isSecret))",
      at: node.location,
      hint: hint
    )
  }

  mutating func checkScalar(_ scalar: Scalar, _ rules: JSONSchema.Node, at place: SourceLocation) {
    switch scalar.value {
    case .string(let text): checkText(text, rules, at: place)
    case .int(let value): checkNumber(Double(value), scalar.text, rules, at: place)
    case .float(let value): checkNumber(value, scalar.text, rules, at: place)
    case .null, .bool: break
    }
  }

  private mutating func checkText(_ text: String, _ rules: JSONSchema.Node, at place: SourceLocation) {
    if rules.minLength != nil || rules.maxLength != nil {
      let length = text.unicodeScalars.count
      if length == 0, let minimum = rules.minLength, minimum > 0 {
        report("manifest.length", "the text may not be empty", at: place)
        return
      }
      checkCount(length, rules.minLength, rules.maxLength, "character", at: place)
    }
    if let pattern = rules.pattern, !matches(pattern, text, at: place) {
      let examples = rules.examples.compactMap(\.string).map { Words.quoted($0) }
      report(
        "manifest.pattern",
        "\(Words.quoted(text, secret: isSecret)) does not match \(pattern.source)",
        at: place,
        hint: examples.isEmpty ? rules.description : "for example \(Words.alternatives(examples))"
      )
    }
  }

  /// Whether a text matches; a pattern that is none is the schema's fault and said to be so.
  mutating func matches(_ pattern: Pattern, _ text: String, at place: SourceLocation) -> Bool {
    if let isMatch = pattern.matches(text) { return isMatch }
    report("schema.invalid", "the schema's pattern \(pattern.source) is not a regular expression", at: place)
    return true
  }

  private mutating func checkNumber(
    _ value: Double,
    _ text: String,
    _ rules: JSONSchema.Node,
    at place: SourceLocation
  ) {
    let found = isSecret ? "another" : text
    guard value.isFinite else {
      report("manifest.range", "expected a finite number, found \(found)", at: place)
      return
    }
    let isTooLow =
      rules.minimum.map { value < $0 } ?? false || rules.exclusiveMinimum.map { value <= $0 } ?? false
    let isTooHigh =
      rules.maximum.map { value > $0 } ?? false || rules.exclusiveMaximum.map { value >= $0 } ?? false
    if isTooLow || isTooHigh {
      report("manifest.range", "expected a number \(rules.range), found \(found)", at: place)
    }
    if let step = rules.multipleOf {
      let quotient = value / step
      // 0.3 is a multiple of 0.1 to everyone but the binary number system.
      if abs(quotient - quotient.rounded()) > 1e-9 * max(1, abs(quotient)) {
        report("manifest.range", "expected a multiple of \(Words.number(step)), found \(found)", at: place)
      }
    }
  }
}

extension JSONSchema.Node {
  /// "from 1 to 65535", "above 0", "of at least 1".
  var range: String {
    if let minimum, let maximum { return "from \(Words.number(minimum)) to \(Words.number(maximum))" }
    let parts = [
      minimum.map { "of at least \(Words.number($0))" }, exclusiveMinimum.map { "above \(Words.number($0))" },
      maximum.map { "of at most \(Words.number($0))" }, exclusiveMaximum.map { "below \(Words.number($0))" },
    ]
    return parts.compactMap(\.self).joined(separator: " and ")
  }
}
