/// Breaks prose into lines.
enum TextWrap {
  /// Lines that begin with white space are laid out already and stay as they are.
  static func lines(_ text: String, width: Int) -> [String] {
    SafeText.lines(text).flatMap { line in
      line.first == " " ? [line] : wrap(line, width: width)
    }
  }

  /// A word longer than the line keeps a line of its own: it is a URL or an ARN that people copy.
  static func wrap(_ line: String, width: Int) -> [String] {
    wrap(words: line.split(separator: " ").map(String.init), width: width)
  }

  static func wrap(words: [String], width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    var used = 0
    for word in words {
      let length = TextWidth.of(word)
      if used > 0, used + 1 + length > width {
        lines.append(current)
        (current, used) = (word, length)
      } else {
        current += used > 0 ? " \(word)" : word
        used += length + (used > 0 ? 1 : 0)
      }
    }
    lines.append(current)
    return lines
  }
}
