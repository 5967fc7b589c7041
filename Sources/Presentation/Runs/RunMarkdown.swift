import StackModel

/// A run as a Markdown page: a pull request's comment, or a CI job's summary.
package enum RunMarkdown {
  package static func render(_ page: RunPage) -> String {
    var lines = ["### Deployment \(MarkdownEscape.code(page.run)): \(word(page))", ""]
    if !page.facts.isEmpty { lines += [page.facts.map(MarkdownEscape.prose).joined(separator: " · "), ""] }
    lines += ["| task | stack | status | changes | time |", "|---|---|---|---|---|"]
    for row in page.rows {
      lines.append(
        "| \(MarkdownEscape.code(row.task)) | \(MarkdownEscape.code(row.stack)) | \(row.word) | \(row.changes) | \(row.time) |"
      )
    }
    let notes = page.rows.compactMap { row in
      row.note.map { "- \(MarkdownEscape.code(row.task)): \(MarkdownEscape.prose($0))" }
    }
    if !notes.isEmpty { lines += [""] + notes }
    if !page.next.isEmpty { lines += [""] + page.next.map { "- \(MarkdownEscape.code($0))" } }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func word(_ page: RunPage) -> String {
    page.result?.rawValue ?? RunPage.word(page.status)
  }
}
