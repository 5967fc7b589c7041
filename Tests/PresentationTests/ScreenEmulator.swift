/// A terminal's screen, as far as live drawing uses it.
///
/// It keeps what scrolled off the top, and traps a line that reaches the last column, where real
/// terminals differ in what they do.
struct ScreenEmulator {
  let width: Int
  let height: Int
  private(set) var rows: [[Character]] = [[]]
  private(set) var isCursorVisible = true
  private(set) var widest = 0
  private var row = 0
  private var column = 0
  /// Rows above the window cannot be reached again.
  private(set) var reachedAboveWindow = false

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  var text: String { rows.map { String($0) }.joined(separator: "\n") }

  mutating func feed(_ text: String) {
    var rest = Substring(text)
    while let character = rest.popFirst() {
      switch character {
      case "\n":
        row += 1
        column = 0
        if row == rows.count { rows.append([]) }
      case "\r": column = 0
      case "\u{1B}":
        rest = rest.dropFirst()
        let arguments = rest.prefix { !$0.isLetter }
        rest = rest.dropFirst(arguments.count)
        perform(rest.popFirst() ?? " ", arguments)
      default:
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = character
        column += 1
        widest = max(widest, column)
      }
    }
  }

  private mutating func perform(_ code: Character, _ arguments: Substring) {
    switch code {
    case "A":
      row -= Int(arguments) ?? 1
      if row < max(0, rows.count - height) { reachedAboveWindow = true }
      row = max(0, row)
    case "J":
      rows[row] = Array(rows[row].prefix(column))
      rows.removeSubrange((row + 1)...)
    case "K": rows[row] = Array(rows[row].prefix(column))
    case "h", "l": isCursorVisible = code == "h"
    default: break
    }
  }
}
