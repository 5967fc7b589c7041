package import StackModel

/// Problems as a compiler shows them: message, place, the line in question, what to do.
package enum DiagnosticText {
  /// Problems of the user's own input, in the order given, and how many there are.
  ///
  /// - Parameters:
  ///   - source: the text of a file, by the name that locations have; nil when it is not at hand.
  ///   - width: columns of a line.
  /// - Returns: lines that each end in a newline; empty when there is no problem.
  package static func render(
    _ diagnostics: [Diagnostic],
    source: @escaping (String) -> String?,
    style: Style,
    width: Int = Terminal.plainWidth
  ) -> String {
    guard !diagnostics.isEmpty else { return "" }
    var block = DiagnosticBlock(lines: SourceLines(source), style: style, width: width)
    for diagnostic in diagnostics { block.append(diagnostic) }
    block.text.append(countLine(diagnostics, style))
    return block.text.joined(separator: "\n") + "\n"
  }

  /// Messages of the engine: the manifest's field and its place first, where they are known.
  package static func render(
    _ diagnostics: [EngineDiagnostic],
    source: @escaping (String) -> String?,
    style: Style,
    width: Int = Terminal.plainWidth
  ) -> String {
    diagnostics.map {
      lines(of: $0, source: source, style: style, width: width).joined(separator: "\n") + "\n"
    }
    .joined()
  }

  /// One message of the engine, with an empty line after it.
  static func lines(
    of diagnostic: EngineDiagnostic,
    source: @escaping (String) -> String?,
    style: Style,
    width: Int
  ) -> [String] {
    var block = DiagnosticBlock(lines: SourceLines(source), style: style, width: width)
    block.append(diagnostic)
    return block.text
  }

  /// For example `2 errors, 1 warning in service.yaml`.
  private static func countLine(_ diagnostics: [Diagnostic], _ style: Style) -> String {
    let counts = Diagnostic.Severity.allCases.compactMap { severity -> String? in
      let count = diagnostics.filter { $0.severity == severity }.count
      guard count > 0 else { return nil }
      let noun = severity == .info ? "note" : severity.rawValue
      return style.paint(counted(count, noun), severity.role)
    }
    let files = Set(diagnostics.compactMap(\.location?.file))
    let place =
      switch files.count {
      case 0: ""
      case 1: " in \(SafeText.line(files.first ?? ""))"
      default: " in \(files.count) files"
      }
    return counts.joined(separator: ", ") + place
  }
}

extension Diagnostic.Severity {
  var role: Style.Role {
    switch self {
    case .error: .error
    case .warning: .warning
    case .info: .info
    }
  }

  /// The word before the message.
  var label: String { self == .info ? "note" : rawValue }
}
