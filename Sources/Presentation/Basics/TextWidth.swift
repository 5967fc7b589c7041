/// How many columns text fills in a terminal.
enum TextWidth {
  static func of(_ text: String) -> Int {
    var width = 0
    for scalar in text.unicodeScalars { width += of(scalar) }
    return width
  }

  static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return isWide(scalar) ? 2 : 1
    }
  }

  /// East Asian wide and full-width characters (Unicode Standard Annex 11), and emoji.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      true
    default: scalar.properties.isEmojiPresentation
    }
  }

  /// Cuts the end off and says so with `…`.
  static func clip(_ text: String, to width: Int) -> String {
    // No character fills more columns than it has bytes, so short text needs no counting.
    if text.utf8.count <= width { return text }
    guard width > 0 else { return "" }
    var result = String.UnicodeScalarView()
    var used = 0
    var fitting = result.endIndex
    for scalar in text.unicodeScalars {
      used += of(scalar)
      if used > width { return String(result[..<fitting]) + "…" }
      result.append(scalar)
      if used <= width - 1 { fitting = result.endIndex }
    }
    return text
  }

  /// Cuts the middle out: of an address both ends matter.
  static func clipMiddle(_ text: String, to width: Int) -> String {
    guard of(text) > width else { return text }
    guard width > 2 else { return clip(text, to: width) }
    let tail = (width - 1) / 2
    var end = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars.reversed() {
      used += of(scalar)
      if used > tail { break }
      end.insert(scalar, at: end.startIndex)
    }
    return clip(text, to: width - TextWidth.of(String(end))) + String(end)
  }

  static func pad(_ text: String, to width: Int) -> String {
    text + spaces(width - of(text))
  }

  static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
