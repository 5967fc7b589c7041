/// The region at the bottom of a terminal that is drawn again and again, and what scrolls above it.
///
/// Pure: it says which bytes to write. After each update the cursor stands at the start of the line
/// below the region, so that text that others write (a shell's `^C`) spoils no more than one frame.
struct LiveScreen {
  /// Columns of each line that is on the screen now.
  private var drawn: [Int] = []
  private var isCursorHidden = false
  /// Once a person asked to stop, the process may be killed at any moment: the cursor stays visible.
  var keepsCursor = false

  var isEmpty: Bool { drawn.isEmpty }

  /// - Parameters:
  ///   - printing: lines that scroll away above the region.
  ///   - live: lines of the region, none wider than the terminal.
  ///   - width: columns of the terminal now; it may have been resized since the last time.
  mutating func update(printing: [String], live: [String], width: Int) -> String {
    if printing.isEmpty && live.isEmpty && drawn.isEmpty { return "" }
    var output = ""
    if !drawn.isEmpty {
      // A line wider than a narrowed window fills several rows.
      let rows = drawn.reduce(0) { $0 + Self.rows(columns: $1, width: width) }
      output += "\u{1B}[\(rows)A\r"
    }
    let hides = !live.isEmpty && !keepsCursor
    if hides != isCursorHidden {
      output += hides ? "\u{1B}[?25l" : "\u{1B}[?25h"
      isCursorHidden = hides
    }
    if !printing.isEmpty {
      output += "\u{1B}[J" + printing.joined(separator: "\n") + "\n"
    }
    for line in live { output += line + "\u{1B}[K\n" }
    if !drawn.isEmpty { output += "\u{1B}[J" }
    drawn = live.map { TextWidth.of(Self.withoutCodes($0)) }
    return output
  }

  /// Rows of the screen that a line fills.
  static func rows(of line: String, width: Int) -> Int {
    rows(columns: TextWidth.of(withoutCodes(line)), width: width)
  }

  private static func rows(columns: Int, width: Int) -> Int {
    max(1, (columns + width - 1) / max(1, width))
  }

  /// Columns are counted without colour codes. Only our own codes can be in a line.
  private static func withoutCodes(_ line: String) -> String {
    guard line.utf8.contains(0x1B) else { return line }
    return line.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated().map {
      $0 == 0 ? $1 : $1.drop { $0 != "m" }.dropFirst()
    }.joined()
  }
}
