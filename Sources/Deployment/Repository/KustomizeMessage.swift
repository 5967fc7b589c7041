import StackModel

/// What kustomize says when it fails, without what kubectl and its logger put around it.
enum KustomizeMessage {
  static func clean(_ text: String) -> String {
    let text = trimmed(text)
    // E1126 11:33:13.489080   16881 run.go:72] "command failed" err="..."
    if let marker = text.firstRange(of: #""command failed" err="#) {
      let rest = text[marker.upperBound...]
      if rest.hasPrefix("<") {
        let lines = rest.dropFirst().split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { trimmed($0) }.filter { !$0.isEmpty && $0 != ">" }.joined(separator: " ")
      }
      if let decoded = (try? JSONValue(parsing: String(rest)))?.string { return oneLine(decoded) }
      return oneLine(String(rest))
    }
    // What it logs while it tries says less than what it ends with.
    let lines = text.split(separator: "\n")
    let said = lines.filter { !isLog($0) }
    if !said.isEmpty, said.count < lines.count { return clean(said.joined(separator: "\n")) }
    for start in ["Error: ", "error: "] where text.hasPrefix(start) {
      return oneLine(String(text.dropFirst(start.count)))
    }
    return oneLine(text)
  }

  /// What it warns of while it succeeds: lines that begin with `# Warning:`.
  static func warnings(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.hasPrefix("# Warning: ") ? String(line.dropFirst("# Warning: ".count)) : nil
    }
  }

  /// A line of the logger: its level and the date in four digits.
  private static func isLog(_ line: Substring) -> Bool {
    guard let level = line.first, "EWIF".contains(level) else { return false }
    return line.dropFirst().prefix(4).count { $0.isWholeNumber } == 4 && line.dropFirst(5).first == " "
  }

  private static func oneLine(_ text: String) -> String {
    text.split(separator: "\n").map { trimmed($0) }.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text = text.dropFirst() }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return String(text)
  }
}
