import StackModel

/// A page made of parts that can be left out, until it is no longer than it may be.
///
/// GitHub refuses a comment of more than 65,536 characters as a whole; a shortened one that says so is
/// worth more than none.
struct MarkdownPage {
  struct Section {
    var title: String
    /// Head of the table and the line below it.
    var head: String
    var rows: [String]
    /// One per resource, in the order of the rows; nil where there is nothing to unfold.
    var details: [String?]
  }

  /// Title, lead, problems, outputs. All but the title can go, the last first, when nothing else is left.
  var top: [String]
  var sections: [Section]
  var bottom: [String] = []
  /// Where all of it can be read.
  var fullPlan: String

  func text(limit: Int) -> String {
    var page = self
    // The note is counted as if it were there: it is, whenever something is left out.
    let noteRoom = Self.length(page.note(details: 9_999_999, rows: 9_999_999, parts: 9_999_999)) + 2
    var length = Self.length(page.assembled(note: nil))
    guard length > limit else { return page.assembled(note: nil) }
    let room = limit - noteRoom

    var droppedDetails = 0
    for (section, index) in page.detailsFromLargest() where length > room {
      length -= Self.length(page.sections[section].details[index] ?? "") + 2
      page.sections[section].details[index] = nil
      droppedDetails += 1
    }
    var droppedRows = 0
    for section in page.sections.indices.reversed() {
      while length > room, let row = page.sections[section].rows.popLast() {
        length -= Self.length(row) + 1
        droppedRows += 1
      }
    }
    var droppedParts = 0
    while length > room, page.top.count > 1, let part = page.top.popLast() {
      length -= Self.length(part) + 2
      droppedParts += 1
    }
    return page.assembled(
      note: page.note(details: droppedDetails, rows: droppedRows, parts: droppedParts)
    )
  }

  /// The largest first; of two of one size the later one.
  private func detailsFromLargest() -> [(section: Int, index: Int)] {
    var all: [(section: Int, index: Int, size: Int)] = []
    for (section, content) in sections.enumerated() {
      for (index, text) in content.details.enumerated() {
        if let text { all.append((section, index, Self.length(text))) }
      }
    }
    return all.sorted { ($0.size, $0.section, $0.index) > ($1.size, $1.section, $1.index) }
      .map { ($0.section, $0.index) }
  }

  private func note(details: Int, rows: Int, parts: Int) -> String {
    var left: [String] = []
    if details > 0 { left.append("the details of \(counted(details, "resource"))") }
    if rows > 0 { left.append(counted(rows, "table row")) }
    if parts > 0 { left.append(counted(parts, "message")) }
    return "> Left out to fit: \(left.joined(separator: ", ")). The full plan is \(fullPlan)."
  }

  private func assembled(note: String?) -> String {
    var parts = top
    if let note { parts.append(note) }
    for section in sections {
      if !section.title.isEmpty { parts.append(section.title) }
      if !section.rows.isEmpty { parts.append(([section.head] + section.rows).joined(separator: "\n")) }
      parts += section.details.compactMap(\.self)
    }
    return (parts + bottom).joined(separator: "\n\n") + "\n"
  }

  /// In UTF-16 units, the way the limit is counted.
  private static func length(_ text: String) -> Int { text.utf16.count }
}
