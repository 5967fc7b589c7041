import StackModel

/// Messages of the engine as a list: what it says in a line, the long text folded.
enum DiagnosticMarkdown {
  private static let most = 20
  private static let detailLimit = 2_000
  private static let lineLimit = 400

  /// Errors first. Nothing when there is no problem.
  static func parts(_ diagnostics: [EngineDiagnostic]) -> [String] {
    let all = Diagnostic.Severity.allCases.flatMap { severity in
      diagnostics.filter { $0.severity == severity && severity != .info }
    }
    var parts = all.prefix(most).map(item)
    if all.count > most { parts.append("… and \(all.count - most) more.") }
    return parts
  }

  private static func item(_ diagnostic: EngineDiagnostic) -> String {
    let summary = MarkdownEscape.prose(TextWidth.clip(diagnostic.summary, to: lineLimit))
    var text = "**\(diagnostic.severity.label)**: \(summary)"
    var places: [String] = []
    if let field = diagnostic.field { places.append(MarkdownEscape.code(field)) }
    if let location = diagnostic.location { places.append(MarkdownEscape.code(location.description)) }
    if let address = diagnostic.address { places.append(MarkdownEscape.code(address)) }
    if !places.isEmpty { text += " (\(places.joined(separator: ", ")))" }
    let detail = SafeText.lines(
      TextWidth.clip(String(diagnostic.detail.unicodeScalars.prefix(detailLimit)), to: detailLimit)
    )
    if !detail.isEmpty { text += "\n\n" + MarkdownEscape.block(detail, language: "text") }
    return text
  }
}
