/// What Terraform's dependency lock file says, as `terraform init` writes it.
///
/// Terraform makes the file by itself, so only that form is read: anything else is an error, and the
/// caller leaves the check to Terraform.
package struct DependencyLock: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    /// For example `registry.terraform.io/hashicorp/aws`.
    package var source: String
    package var version: String
    package var constraints: String?
    /// With their scheme, for example `h1:...` or `zh:...`.
    package var hashes: [String]
  }

  package var entries: [Entry]

  package struct Problem: Error, Equatable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int
    package var message: String

    package var description: String { "line \(line) of the dependency lock file: \(message)" }
  }

  package init(parsing text: String) throws(Problem) {
    var reader = Reader(text)
    entries = []
    while let line = reader.next() {
      guard let source = line.between("provider \"", "\" {") else {
        throw reader.problem("expected a provider")
      }
      guard !entries.contains(where: { $0.source == source }) else {
        throw reader.problem("provider \(source) stands twice")
      }
      entries.append(try Self.entry(source, &reader))
    }
  }

  package func entry(for source: String) -> Entry? { entries.first { $0.source == source } }

  private static func entry(_ source: String, _ reader: inout Reader) throws(Problem) -> Entry {
    var version: String?
    var constraints: String?
    var hashes: [String]?
    while let line = reader.next() {
      if line.text == "}" {
        guard let version else { throw reader.problem("provider \(source) has no version") }
        return Entry(source: source, version: version, constraints: constraints, hashes: hashes ?? [])
      }
      if version == nil, let value = line.string(of: "version") {
        version = value
      } else if constraints == nil, let value = line.string(of: "constraints") {
        constraints = value
      } else if hashes == nil, line.value(of: "hashes") == "[" {
        hashes = try Self.list(&reader)
      } else {
        throw reader.problem("expected version, constraints, hashes or the end of the block")
      }
    }
    throw reader.problem("the block of \(source) does not end")
  }

  private static func list(_ reader: inout Reader) throws(Problem) -> [String] {
    var hashes: [String] = []
    while let line = reader.next() {
      if line.text == "]" { return hashes }
      guard let hash = line.between("\"", "\",") else { throw reader.problem("expected a hash") }
      hashes.append(hash)
    }
    throw reader.problem("the list of hashes does not end")
  }
}

/// A line without the blanks around it.
private struct Line {
  var text: Substring

  /// What stands between the two texts, when it is a string without escapes.
  func between(_ start: String, _ end: String) -> String? {
    guard text.hasPrefix(start), text.hasSuffix(end), text.count >= start.count + end.count else {
      return nil
    }
    let inner = text.dropFirst(start.count).dropLast(end.count)
    // A name, a version or a hash has none of these; with one the text is not what it looks like.
    return inner.contains { "\"\\$%".contains($0) } ? nil : String(inner)
  }

  func value(of name: String) -> Substring? {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, Line.trimmed(parts[0]) == name else { return nil }
    return Line.trimmed(parts[1])
  }

  func string(of name: String) -> String? { value(of: name).flatMap { Line(text: $0).between("\"", "\"") } }

  static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}

private struct Reader {
  private let lines: [Substring]
  private var position = 0

  init(_ text: String) {
    lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  /// The next line that is neither empty nor a comment.
  mutating func next() -> Line? {
    while position < lines.count {
      let text = Line.trimmed(lines[position])
      position += 1
      if !text.isEmpty, !text.hasPrefix("#") { return Line(text: text) }
    }
    return nil
  }

  func problem(_ message: String) -> DependencyLock.Problem {
    DependencyLock.Problem(line: position, message: message)
  }
}
