/// Makes text from outside harmless for a terminal, a log and a Markdown block.
///
/// A value of a cloud resource may hold escape sequences that recolour the screen, move the cursor or
/// hide what follows, and direction marks that make a line read differently from what it says. They
/// are written out as `\u001b`, the way JSON writes them.
package enum SafeText {
  /// One line: a line break becomes `\n`, a tab `\t`.
  package static func line(_ text: String) -> String {
    if text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { append(scalar, to: &result) }
    return String(result)
  }

  /// The lines of a text. Tabs become spaces, blank lines at the end are dropped.
  static func lines(_ text: String) -> [String] {
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
      .map { line(expandingTabs(String($0))) }
    while lines.last?.allSatisfy({ $0 == " " }) == true { lines.removeLast() }
    return lines
  }

  private static func expandingTabs(_ line: String) -> String {
    guard line.utf8.contains(0x09) else { return line }
    return line.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ")
  }

  static func append(_ scalar: Unicode.Scalar, to result: inout String.UnicodeScalarView) {
    switch scalar.value {
    case 0x0A: result.append(contentsOf: #"\n"#.unicodeScalars)
    case 0x0D: result.append(contentsOf: #"\r"#.unicodeScalars)
    case 0x09: result.append(contentsOf: #"\t"#.unicodeScalars)
    case let value where isHarmful(value):
      let digits = String(value, radix: 16)
      let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
      result.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
    default: result.append(scalar)
    }
  }

  /// Control characters, direction marks and overrides, separators that some viewers break lines at,
  /// and the invisible tag characters.
  private static func isHarmful(_ value: UInt32) -> Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
      true
    default: false
    }
  }
}
