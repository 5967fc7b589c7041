package import StackModel

/// What a person is told of a command that failed before it told an event: its words on standard error.
package struct PulumiFailure: Sendable, Equatable {
  /// Nil where the words are better read under a summary of the caller's.
  package var summary: String?
  package var detail: String
  package var exitCode: ExitCode

  package init(exit: PulumiExit, text: String) {
    let said = Self.withoutPrefix(text)
    detail = said.isEmpty ? "Pulumi said nothing of it." : said
    exitCode = exit.exitCode
    switch exit {
    case .locked: summary = "The stack is locked"
    case .credentials: summary = said.contains("passphrase") ? "The passphrase is not the stack's" : nil
    // Flags are ours: one that is refused is no fault of the user's command line. And what fails has found no changes.
    case .usage, .changes: exitCode = .failed
    case .succeeded, .failed, .cancelled, .noStack: break
    }
    if exit == .failed {
      if Self.isPluginMissing(said) {
        summary = "A plugin is not to be had"
        exitCode = .unavailable
      } else if Self.backendPhrases.contains(where: said.contains) {
        exitCode = .unavailable
      }
    }
  }

  /// Whether an engine's words are those of one that finds no plugin, and is not to fetch it.
  package static func isPluginMissing(_ text: String) -> Bool { pluginPhrases.contains(where: text.contains) }

  private static let pluginPhrases = ["no resource plugin", "no language plugin", "could not find plugin"]
  private static let backendPhrases = [
    "problem logging in", "could not list bucket", "unable to open bucket",
  ]

  private static func withoutPrefix(_ text: String) -> String {
    var lines = text.split(separator: "\n").map { line in
      line.hasPrefix("error: ") ? line.dropFirst("error: ".count) : line[...]
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return String(lines.joined(separator: "\n").prefix(4000))
  }
}
