import StackModel

/// A run for a terminal.
package enum RunText {
  package static func lines(_ page: RunPage, style: Style, width: Int) -> [String] {
    func safe(_ text: String) -> String { SafeText.line(text) }
    let header = ["TASK", "STATUS", "PHASE", "TIME", "CHANGES"]
    let cells = page.rows.map { row in
      [safe(row.task), row.word, row.phase?.rawValue ?? "", row.time, row.changes]
    }
    let widths = header.indices.map { column in
      ([header] + cells).map { TextWidth.of($0[column]) }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let text = zip(cells, widths).map { TextWidth.pad($0, to: $1) }.joined(separator: "  ")
      return String(text.reversed().drop { $0 == " " }.reversed())
    }
    let facts = ([page.run] + page.facts).map(safe).joined(separator: "  ")
    var lines = [
      style.paint(TextWidth.clip("run \(facts)", to: width), .strong),
      style.paint(TextWidth.clip("  \(line(header))", to: width), .dim),
    ]
    for (row, cells) in zip(page.rows, cells) {
      let text = TextWidth.clip("  \(line(cells))", to: width)
      // The word of the status is painted, whose place is known.
      let start = 2 + widths[0] + 2
      let characters = Array(text)
      guard style.hasColor, characters.count >= start + row.word.count,
        TextWidth.of(cells[0]) == cells[0].count
      else {
        lines.append(text)
        continue
      }
      let end = start + row.word.count
      lines.append(
        String(characters[..<start]) + style.paint(String(characters[start..<end]), row.role)
          + String(characters[end...])
      )
    }
    return lines
  }

  /// What stands below the table: why tasks ended badly, where logs are, what to do next.
  package static func notes(_ page: RunPage, style: Style) -> [String] {
    var lines: [String] = []
    for row in page.rows {
      if let note = row.note { lines.append("  \(SafeText.line(row.task)): \(SafeText.line(note))") }
      if let journal = row.journal {
        lines.append(style.paint("  \(SafeText.line(row.task)) log: \(journal)", .dim))
      }
    }
    if !page.next.isEmpty { lines += page.next.map { "  \($0)" } }
    return lines
  }

  /// A run on one line of a list.
  package static func line(_ page: RunPage) -> String {
    let tasks = page.rows.map { "\(SafeText.line($0.task)) \($0.word)" }.joined(separator: ", ")
    let word = page.result?.rawValue ?? RunPage.word(page.status)
    return ([page.run, TextWidth.pad(word, to: 17)] + [tasks] + page.facts.map(SafeText.line)).joined(
      separator: "  "
    )
  }

  /// A line for a log when something about a task has changed; nil when nothing worth a line has.
  package static func change(_ row: RunPage.Row, since earlier: RunPage.Row?) -> String? {
    guard row.word != earlier?.word || row.phase != earlier?.phase else { return nil }
    // That it runs is told with its first phase.
    if row.status == .queued || row.status == .running && row.phase == nil { return nil }
    var parts = ["\(SafeText.line(row.task)): \(row.word)"]
    if row.status == .running, let phase = row.phase { parts.append(phase.rawValue) }
    if row.status == .completed {
      if !row.changes.isEmpty { parts.append(row.changes) }
      if !row.time.isEmpty { parts.append("in \(row.time)") }
      if let note = row.note { parts.append(SafeText.line(note)) }
    }
    return parts.joined(separator: ", ")
  }
}

/// A run that is drawn again and again at a terminal.
package struct RunScreen: Sendable {
  private var screen = LiveScreen()
  private var terminal: Terminal

  package init(terminal: Terminal) { self.terminal = terminal }

  /// - Returns: what to write.
  package mutating func draw(_ page: RunPage) -> String {
    terminal.measure()
    let lines = RunText.lines(page, style: terminal.style, width: terminal.width - 1)
    // What does not fit the window would scroll away, and be drawn again below.
    return screen.update(
      printing: [],
      live: Array(lines.prefix(max(1, terminal.height - 1))),
      width: terminal.width
    )
  }

  /// Leaves the page on the screen and gives the cursor back.
  package mutating func finish(_ page: RunPage) -> String {
    terminal.measure()
    let lines =
      RunText.lines(page, style: terminal.style, width: terminal.width - 1)
      + RunText.notes(page, style: terminal.style)
    return screen.update(printing: lines, live: [], width: terminal.width)
  }
}
