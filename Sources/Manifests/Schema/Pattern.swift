import Synchronization

/// A regular expression of a schema, compiled when it is first needed.
///
/// Compiling costs more than most manifests take to check, and most patterns of a schema are never asked.
final class Pattern: Sendable {
  let source: String
  private let regex = Mutex<Regex<AnyRegexOutput>?>(nil)

  init(_ source: String) { self.source = source }

  /// Whether some part of the text matches, as JSON Schema has it: not anchored. Nil when the source is
  /// not a regular expression.
  func matches(_ text: String) -> Bool? {
    regex.withLock { cached in
      if cached == nil { cached = try? Self.compile(source) }
      guard let regex = cached else { return nil }
      return (try? regex.firstMatch(in: text)) != nil
    }
  }

  private static func compile(_ source: String) throws -> Regex<AnyRegexOutput> {
    // `$` would also match before a final newline; the schema language means the end alone.
    try Regex(endAnchored(source))
      .matchingSemantics(.unicodeScalar)
      .asciiOnlyDigits()
      .asciiOnlyWordCharacters()
      .asciiOnlyWhitespace()
  }

  /// The source with every `$` outside brackets and escapes written as `\z`.
  static func endAnchored(_ source: String) -> String {
    var result = ""
    var isEscaped = false
    var isInClass = false
    for character in source.unicodeScalars {
      if character == "$", !isEscaped, !isInClass {
        result += #"\z"#
        continue
      }
      if !isEscaped {
        if character == "[" { isInClass = true }
        if character == "]" { isInClass = false }
      }
      isEscaped = character == "\\" && !isEscaped
      result.unicodeScalars.append(character)
    }
    return result
  }
}
