package import StackModel

/// Reads YAML (and so JSON) text into trees that know their places.
package enum YAMLReader {
  /// What a file may cost before it is refused.
  package struct Limits: Sendable {
    /// The size of one file.
    package var bytes = 4 << 20
    /// How deep lists and maps may be nested, aliases followed.
    package var depth = 100
    /// How many values aliases may add to those that are written out.
    package var aliasedNodes = 100_000
    /// How many problems of one file are reported.
    package var diagnostics = 100

    package static let standard = Limits()

    package init() {}
  }

  /// All documents of a text. Documents without content (`---` alone, only comments) are left out.
  ///
  /// A text that is not YAML yields the documents before the first syntax error, and that error.
  package static func read(
    _ bytes: [UInt8],
    file: String,
    limits: Limits = .standard
  ) -> (documents: [YAMLNode], diagnostics: [Diagnostic]) {
    if bytes.count > limits.bytes { return ([], [InputFile.tooLarge(file, limit: limits.bytes)]) }
    if let problem = TextCheck.problem(in: bytes, file: file) { return ([], [problem]) }
    let text = bytes.starts(with: TextCheck.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
    let joined = SurrogateEscapes.joined(text)
    var builder = TreeBuilder(file: file, limits: limits)
    let documents = (joined?[...] ?? text).withUnsafeBufferPointer {
      EventSource.read($0, file: file, into: &builder)
    }
    var diagnostics = builder.diagnostics
    if documents.isEmpty, diagnostics.isEmpty {
      diagnostics.append(
        .error(
          "yaml.empty",
          bytes.isEmpty ? "the file is empty" : "the file holds no document, only comments or white space",
          at: SourceLocation(file: file, line: 1, column: 1),
          hint: "write a manifest: apiVersion, kind, metadata and spec"
        )
      )
    }
    return (documents, diagnostics)
  }

  /// Reads a file, or standard input for `-`, and then its text.
  package static func readFile(
    _ path: String,
    limits: Limits = .standard
  ) -> (documents: [YAMLNode], diagnostics: [Diagnostic]) {
    switch InputFile.load(path, limit: limits.bytes) {
    case .failure(let problem): ([], [problem.diagnostic])
    case .success(let bytes): read(bytes, file: InputFile.displayName(path), limits: limits)
    }
  }
}
