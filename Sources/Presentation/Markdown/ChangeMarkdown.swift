import StackModel

/// Planned changes as a table and as folded diffs.
enum ChangeMarkdown {
  private static let mostRows = 150
  private static let valueLimit = 160

  static func section(title: String, _ changes: [PlannedChange]) -> MarkdownPage.Section {
    MarkdownPage.Section(
      title: title,
      head: "| Action | Resource |\n|---|---|",
      rows: changes.map(row),
      details: changes.map(details)
    )
  }

  private static func row(_ change: PlannedChange) -> String {
    let notes = change.notes.isEmpty ? "" : " (\(MarkdownEscape.prose(change.notes.joined(separator: "; "))))"
    return "| `\(change.symbol)` \(change.verb) | \(MarkdownEscape.code(change.address))\(notes) |"
  }

  private static func details(_ change: PlannedChange) -> String? {
    let lines = diff(change)
    guard !lines.isEmpty, change.action != .read else { return nil }
    return """
      <details>
      <summary>\(change.symbol.html) \(change.verb) <code>\(change.address.html)</code></summary>

      \(MarkdownEscape.block(lines, language: "diff"))

      </details>
      """
  }

  /// Lines whose first character chooses their colour: `+`, `-`, and `!` for what changes.
  private static func diff(_ change: PlannedChange) -> [String] {
    let content = AttributeRows(change, isFull: change.action == .create || change.action == .delete)
    let rows = content.rows.filter { !isBlank($0) }
    let column = min(48, rows.map { $0.depth * 2 + TextWidth.of($0.label) }.max() ?? 0)
    var lines = rows.prefix(mostRows).map { line($0, of: change, column: column) }
    if rows.count > mostRows { lines.append("# … \(rows.count - mostRows) more attributes") }
    if !content.unknown.isEmpty {
      lines += TextWrap.wrap(words: content.unknown.commaSeparated, width: 100).enumerated().map {
        ($0 == 0 ? "# known after apply: " : "#   ") + $1
      }
    }
    return lines
  }

  /// An empty value of what comes or goes says nothing.
  private static func isBlank(_ row: AttributeRow) -> Bool {
    row.kind == .whole && (row.after.known ?? row.before.known)?.isBlank == true
  }

  private static func line(_ row: AttributeRow, of change: PlannedChange, column: Int) -> String {
    let label = TextWidth.pad(TextWidth.spaces(row.depth * 2) + row.label, to: column)
    let forcing = row.forcesReplacement ? "  # forces replacement" : ""
    let mark: String
    let value: String
    switch row.kind {
    case .whole:
      (mark, value) = (
        change.action == .delete ? "-" : "+", side(change.action == .delete ? row.before : row.after)
      )
    case .added: (mark, value) = ("+", side(row.after))
    case .removed: (mark, value) = ("-", side(row.before))
    case .heading(let note):
      mark = change.action == .delete ? "-" : change.action == .create ? "+" : "!"
      value = note
    case .changed:
      let (before, after) = ValueText.pair(row.before, row.after, limit: valueLimit)
      (mark, value) = ("!", "\(before) -> \(after)")
    }
    let text = "\(mark) \(label)  \(value)\(forcing)"
    return value.isEmpty && forcing.isEmpty ? "\(mark) " + TextWidth.spaces(row.depth * 2) + row.label : text
  }

  private static func side(_ value: AttributeChange.Value) -> String {
    ValueText.of(value, limit: valueLimit)
  }
}

extension String {
  fileprivate var html: String { MarkdownEscape.html(self) }
}
