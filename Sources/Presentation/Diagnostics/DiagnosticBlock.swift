import StackModel

/// Lays problems out below one another. Every problem ends with an empty line.
struct DiagnosticBlock {
  var lines: SourceLines
  let style: Style
  let width: Int
  private(set) var gutter = 1
  var text: [String] = []

  init(lines: SourceLines, style: Style, width: Int) {
    self.lines = lines
    self.style = style
    self.width = width
  }

  mutating func append(_ diagnostic: Diagnostic) {
    heading(diagnostic.severity, diagnostic.message, code: diagnostic.code)
    place(diagnostic.location, path: diagnostic.path)
    if let hint = diagnostic.hint { note("hint", hint) }
    text.append("")
  }

  mutating func append(_ diagnostic: EngineDiagnostic) {
    heading(diagnostic.severity, diagnostic.summary, code: nil)
    place(diagnostic.location, path: diagnostic.field)
    if diagnostic.location != nil, !diagnostic.detail.isEmpty { text.append("") }
    for line in TextWrap.lines(diagnostic.detail, width: width - 2) {
      text.append(line.isEmpty ? "" : "  \(line)")
    }
    if let snippet = diagnostic.snippet { program(snippet) }
    if let address = diagnostic.address { note("resource", address) }
    text.append("")
  }

  private mutating func heading(_ severity: Diagnostic.Severity, _ message: String, code: String?) {
    let label = "\(severity.label): "
    let suffix = code.map { " [\($0)]" } ?? ""
    let parts = SafeText.lines(message)
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      text.append(
        (index == 0 ? style.paint(label, severity.role) : TextWidth.spaces(label.count))
          + style.paint(part, .strong) + (isLast ? style.paint(suffix, .dim) : "")
      )
    }
  }

  /// `--> file:line:column  path`, then the line itself where it is at hand.
  private mutating func place(_ location: SourceLocation?, path: String?) {
    guard let location else {
      if let path { note("field", path) }
      return
    }
    let excerpt = lines.line(location.line, of: location.file)
    let number = String(location.line)
    gutter = excerpt == nil ? 1 : number.count
    let field = path.map { "  " + style.paint(SafeText.line($0), .dim) } ?? ""
    text.append(
      TextWidth.spaces(gutter) + style.paint("--> ", .info) + SafeText.line(location.description) + field
    )
    guard let excerpt else { return }
    let shown = SourceExcerpt(line: excerpt, column: location.column, width: width - gutter - 3)
    bar("", "")
    bar(number, shown.text)
    bar(
      "",
      TextWidth.spaces(shown.offset)
        + style.paint("^" + String(repeating: "~", count: shown.length - 1), .error)
    )
  }

  private mutating func program(_ snippet: EngineDiagnostic.Snippet) {
    let place = snippet.line > 0 ? "\(snippet.file):\(snippet.line)" : snippet.file
    let code = SafeText.lines(snippet.code)
    gutter = snippet.line > 0 ? String(snippet.line + code.count - 1).count : 1
    text.append(TextWidth.spaces(gutter) + style.paint("--> ", .info) + "program \(SafeText.line(place))")
    for (index, line) in code.enumerated() {
      let number = snippet.line > 0 ? String(snippet.line + index) : ""
      bar(number, TextWidth.clip(line, to: width - gutter - 3))
    }
  }

  private mutating func bar(_ number: String, _ content: String) {
    let margin = TextWidth.spaces(gutter - number.count) + number + " |"
    text.append(style.paint(margin, .info) + (content.isEmpty ? "" : " \(content)"))
  }

  private mutating func note(_ label: String, _ note: String) {
    let indent = TextWidth.spaces(gutter + 1)
    let wrapped = SafeText.lines(note).flatMap {
      TextWrap.wrap($0, width: width - indent.count - label.count - 4)
    }
    for (index, line) in wrapped.enumerated() {
      text.append(
        indent
          + (index == 0
            ? style.paint("= ", .info) + style.paint("\(label): ", .strong)
            : TextWidth.spaces(label.count + 4)) + line
      )
    }
  }
}
