/// Rows of short texts below each other, each column as wide as its widest text.
package enum Columns {
  /// The first row is the heading. The last column is not padded.
  package static func lines(_ rows: [[String]], style: Style) -> [String] {
    let rows = rows.map { $0.map(SafeText.line) }
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? TextWidth.of($0[column]) : 0 }.max() ?? 0
    }
    return rows.enumerated().map { index, row in
      let line = row.enumerated().map { column, text in
        column == row.count - 1 ? text : TextWidth.pad(text, to: widths[column])
      }.joined(separator: "  ")
      return index == 0 ? style.paint(line, .strong) : line
    }
  }
}
