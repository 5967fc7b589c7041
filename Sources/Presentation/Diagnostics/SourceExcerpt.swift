/// The source line that a message is about, with a caret below the place.
struct SourceExcerpt {
  private static let tabWidth = 4

  /// The line as it is shown, clipped around the place.
  private(set) var text = ""
  /// Columns before the caret.
  private(set) var offset = 0
  /// Columns that are marked.
  private(set) var length = 1

  /// - Parameters:
  ///   - column: from 1, in Unicode scalars; beyond the line's end means the end.
  ///   - width: columns that the shown line may fill.
  init(line: Substring, column: Int, width: Int) {
    // A line may have megabytes: only what can be shown is looked at.
    let scalars = line.unicodeScalars
    let target =
      scalars.index(scalars.startIndex, offsetBy: max(0, column - 1), limitedBy: scalars.endIndex)
      ?? scalars.endIndex
    let start = scalars.index(target, offsetBy: -width, limitedBy: scalars.startIndex) ?? scalars.startIndex
    let place = scalars.distance(from: start, to: target)
    let window = Array(scalars[start...].prefix(place + width + 1))

    var cells = window.map { Self.cell($0) }
    offset = Self.layOutTabs(&cells, upTo: place)
    length = max(
      1,
      Self.wordLength(window[place...]).map { cells[place..<(place + $0)].joined() }.map(TextWidth.of) ?? 1
    )

    let room = max(8, width)
    var first = start == scalars.startIndex ? 0 : min(place, 1)
    var isCutBefore = first > 0
    if isCutBefore { offset -= TextWidth.of(cells[0]) }
    // The place stays inside the window, with a third of it for what comes after.
    while offset > room * 2 / 3, first < place {
      offset -= TextWidth.of(cells[first])
      first += 1
      isCutBefore = true
    }
    if isCutBefore { offset += 1 }
    text = TextWidth.clip((isCutBefore ? "…" : "") + cells[first...].joined(), to: room)
    length = min(length, max(1, TextWidth.of(text) - offset))
  }

  private static func cell(_ scalar: Unicode.Scalar) -> String {
    if scalar == "\t" { return "\t" }
    var view = String.UnicodeScalarView()
    SafeText.append(scalar, to: &view)
    return String(view)
  }

  /// Turns tabs into spaces.
  /// - Returns: the columns before the cell at `place`.
  private static func layOutTabs(_ cells: inout [String], upTo place: Int) -> Int {
    var column = 0
    var offset = 0
    for index in cells.indices {
      if index == place { offset = column }
      if cells[index] == "\t" { cells[index] = TextWidth.spaces(tabWidth - column % tabWidth) }
      column += TextWidth.of(cells[index])
    }
    return place < cells.count ? offset : column
  }

  /// How many scalars the word at the place has; nil when there is none.
  private static func wordLength(_ scalars: ArraySlice<Unicode.Scalar>) -> Int? {
    let count = scalars.prefix { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || "_-./".unicodeScalars.contains(scalar)
    }.count
    return count > 0 ? count : nil
  }
}
