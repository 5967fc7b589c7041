import StackModel

/// Text from outside as parts of a Markdown page, with no way out of the part it is put in.
enum MarkdownEscape {
  /// A name in code type, for a heading, a list or a table cell.
  ///
  /// A name with characters that could end a code span or a cell is written with numbered entities in
  /// an HTML element: entities never take part in the page's structure. GitHub makes no mentions or
  /// links inside either.
  static func code(_ text: String) -> String {
    let line = SafeText.line(text)
    let isPlain = !line.utf8.contains { #"`|\<>&"#.utf8.contains($0) }
    if isPlain, !line.isEmpty, line.first != " ", line.last != " " { return "`\(line)`" }
    return "<code>\(prose(line))</code>"
  }

  /// Prose on one line: what Markdown or HTML would read as markup becomes an entity.
  static func prose(_ text: String) -> String { escape(text, isMarkup) }

  private static func escape(_ text: String, _ isSpecial: (Unicode.Scalar) -> Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in SafeText.line(text).unicodeScalars {
      if isSpecial(scalar) {
        result.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// `@` and `#` would become mentions and links to issues, `:` the start of a link's address.
  private static func isMarkup(_ scalar: Unicode.Scalar) -> Bool {
    ##"&<>"'`*_~[]()!|\#@{}$^+=:"##.unicodeScalars.contains(scalar)
  }

  /// For the text of an HTML element such as `<summary>`, on one line.
  static func html(_ text: String) -> String {
    escape(text) { #"&<>"'@#"#.unicodeScalars.contains($0) }
  }

  /// A fenced block. The fence is longer than any run of backticks inside.
  static func block(_ lines: [String], language: String) -> String {
    let longest = lines.map(longestRun).max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return ([fence + language] + lines + [fence]).joined(separator: "\n")
  }

  private static func longestRun(_ line: String) -> Int {
    var (longest, current) = (0, 0)
    for byte in line.utf8 {
      current = byte == UInt8(ascii: "`") ? current + 1 : 0
      longest = max(longest, current)
    }
    return longest
  }
}
