import StackModel

/// Text from outside as parts of a Markdown page, with no way out of the part it is put in.
enum MarkdownEscape {
  /// A name in code type, for a heading, a list or a table cell.
  ///
  /// What could end a code span or a cell is written as numbered entities in an HTML element: entities
  /// never take part in the page's structure, and GitHub makes no mentions or links inside `<code>`.
  static func code(_ text: String) -> String {
    let line = SafeText.line(text)
    let isPlain = line.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: #" ._-/:[]""#.utf8.contains(byte)
      }
    }
    if isPlain, !line.isEmpty, line.first != " ", line.last != " " { return "`\(line)`" }
    return "<code>\(prose(line))</code>"
  }

  /// Prose on one line: what Markdown or HTML would read as markup becomes an entity.
  static func prose(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in SafeText.line(text).unicodeScalars {
      if isMarkup(scalar) {
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

  /// For the text of an HTML element such as `<summary>`.
  static func html(_ text: String) -> String { prose(text) }

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
