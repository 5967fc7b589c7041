import StackModel

/// A planned change as lines of text: symbol and address, then the attributes in columns.
struct ChangeText {
  let style: Style
  let width: Int
  /// Also what a short form leaves out: empty values, attributes of what is deleted.
  let isFull: Bool

  /// Columns before the attributes of a change.
  private static let indent = 8
  private static let widestLabel = 44
  /// A resource with more is cut short, and says so.
  private static let mostRows = 200

  func lines(_ change: PlannedChange) -> [String] {
    let symbol = style.paint(TextWidth.pad(change.symbol, to: 3), change.role)
    var heading = "  \(symbol) \(style.paint(SafeText.line(change.address), .strong))"
    if !change.notes.isEmpty { heading += style.paint("  (\(change.notes.joined(separator: "; ")))", .dim) }
    if change.action == .delete || change.action == .read, !isFull { return [heading] }
    return [heading] + details(AttributeRows(change, isFull: isFull))
  }

  private func details(_ content: AttributeRows) -> [String] {
    let shown = isFull ? content.rows[...] : content.rows.prefix(Self.mostRows)
    let column = min(
      Self.widestLabel,
      shown.map { $0.depth * 2 + TextWidth.of($0.label) }.max() ?? 0
    )
    var lines = shown.map { line($0, column: column) }
    if shown.count < content.rows.count {
      lines.append(margin + style.paint("… \(content.rows.count - shown.count) more", .dim))
    }
    if !content.unknown.isEmpty { lines += unknown(content.unknown) }
    return lines
  }

  private var margin: String { TextWidth.spaces(Self.indent) }

  private func line(_ row: AttributeRow, column: Int) -> String {
    let indent = TextWidth.spaces(row.depth * 2)
    let label = TextWidth.clipMiddle(row.label, to: max(8, Self.widestLabel - row.depth * 2))
    let text = margin + TextWidth.pad(indent + label, to: column) + "  "
    let forcing = row.forcesReplacement ? "  # forces replacement" : ""
    let room = max(24, width - TextWidth.of(text) - forcing.count)
    let value = value(row, room: room)
    if value.isEmpty && forcing.isEmpty { return margin + indent + label }
    return text + value + style.paint(forcing, .delete)
  }

  private func value(_ row: AttributeRow, room: Int) -> String {
    switch row.kind {
    case .heading(let note): return style.paint(note, .dim)
    case .whole where row.after == .absent:
      return paint(row.before, ValueText.of(row.before, limit: room), .delete)
    case .whole: return paint(row.after, ValueText.of(row.after, limit: room), .create)
    case .added:
      return style.paint("+ ", .create) + paint(row.after, ValueText.of(row.after, limit: room - 2), .create)
    case .removed:
      return style.paint("- ", .delete)
        + paint(row.before, ValueText.of(row.before, limit: room - 2), .delete)
    case .changed:
      let half = (room - 4) / 2
      // A short side leaves its room to the other.
      let (short, other) = (ValueText.of(row.before, limit: half), ValueText.of(row.after, limit: half))
      let spare = half - min(TextWidth.of(short), TextWidth.of(other))
      let (before, after) = ValueText.pair(row.before, row.after, limit: half + max(0, spare))
      return paint(row.before, before, .delete) + style.paint(" -> ", .dim) + paint(row.after, after, .create)
    }
  }

  private func paint(_ value: AttributeChange.Value, _ text: String, _ role: Style.Role) -> String {
    if case .known = value { style.paint(text, role) } else { style.paint(text, .dim) }
  }

  private func unknown(_ names: [String]) -> [String] {
    let label = "\(ValueText.unknown): "
    return TextWrap.wrap(words: names.commaSeparated, width: max(24, width - Self.indent - label.count))
      .enumerated().map {
        margin + style.paint(($0 == 0 ? label : TextWidth.spaces(label.count)) + $1, .dim)
      }
  }
}

extension [String] {
  /// Each but the last with a comma behind it.
  var commaSeparated: [String] { enumerated().map { $1 + ($0 < count - 1 ? "," : "") } }
}
