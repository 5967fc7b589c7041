import StackModel

/// What is told once a job is over.
struct Closing {
  var operation: Operation?
  var end: JobFinished?
  var applied: ChangeSummary?
  var savedSerial: Int?
  var outputs: [StackOutput] = []
  /// Lines written so far: a message further up than a screen is told again.
  var printed = 0

  private var errors: [(diagnostic: EngineDiagnostic, end: Int)] = []
  private var lastLines: [String] = []

  private static let mostErrors = 10
  private static let mostLastLines = 20
  /// Lines below a message from which on it counts as out of sight.
  private static let farAbove = 20

  mutating func keep(_ diagnostic: EngineDiagnostic, lines: Int) {
    guard diagnostic.severity == .error, errors.count < Self.mostErrors else { return }
    errors.append((diagnostic, printed + lines))
  }

  /// An engine that crashes says why in plain lines.
  mutating func tail(_ line: String) {
    lastLines.append(line)
    if lastLines.count > Self.mostLastLines { lastLines.removeFirst() }
  }

  func lines(
    style: Style,
    width: Int,
    journal: String?,
    source: @escaping (String) -> String?
  ) -> [String] {
    var lines: [String] = []
    if !outputs.isEmpty { lines += [""] + outputLines(style) }
    if end?.result == .failed {
      let far = errors.filter { printed - $0.end >= Self.farAbove }
      if !far.isEmpty {
        lines += ["", style.paint("What went wrong:", .strong), ""]
        lines += far.flatMap {
          DiagnosticText.lines(of: $0.diagnostic, source: source, style: style, width: width)
        }
      }
      if errors.isEmpty, !lastLines.isEmpty {
        lines += ["", style.paint("The engine's last lines:", .strong)]
        lines += lastLines.map { "  | " + SafeText.lines($0).joined(separator: " ") }
      }
    }
    if lines.last != "" { lines.append("") }
    lines += result(style)
    if let journal, end?.result != .succeeded { lines.append("  journal: \(SafeText.line(journal))") }
    return lines
  }

  private func outputLines(_ style: Style) -> [String] {
    let column = outputs.map { TextWidth.of(SafeText.line($0.name)) }.max() ?? 0
    return [style.paint("Outputs:", .strong)]
      + outputs.map { output in
        let name = TextWidth.pad(SafeText.line(output.name), to: column)
        return "  \(name)  \(Self.value(output, style))"
      }
  }

  /// Texts stand without quotes: they are there to be copied.
  private static func value(_ output: StackOutput, _ style: Style) -> String {
    if output.isSensitive { return style.paint(ValueText.sensitive, .dim) }
    guard let text = output.value.string else { return ValueText.inline(output.value, limit: 1000) }
    let safe = SafeText.line(text)
    let isLink = safe.hasPrefix("https://") || safe.hasPrefix("http://")
    return isLink ? style.paint(safe, .link) : safe
  }

  private func result(_ style: Style) -> [String] {
    guard let end else { return [style.paint("✗ the job ended without a result", .error)] }
    let operation = operation?.rawValue ?? "job"
    var parts: [String] = []
    if let applied { parts.append(applied.done) }
    if let serial = end.stateSerial ?? savedSerial {
      parts.append("state serial \(serial)\(savedSerial == nil ? " unchanged" : " saved")")
    }
    switch end.lockReleased {
    case true?: parts.append("lock released")
    case false?: parts.append("lock NOT released")
    case nil: break
    }
    if end.exitCode != .done { parts.append("exit code \(end.exitCode.rawValue)") }
    let isGood = end.result == .succeeded || end.result == .skipped
    let verb = "\(operation) \(end.result.rawValue)"
    let mark = style.paint(isGood ? "✓" : "✗", isGood ? .success : .error)
    var line = "\(mark) \(style.paint(verb, .strong)) in \(DurationText.of(end.seconds))"
    if let reason = end.reason { line += ": \(SafeText.line(reason))" }
    return [line + parts.map { style.paint(" · ", .dim) + $0 }.joined()]
  }
}
