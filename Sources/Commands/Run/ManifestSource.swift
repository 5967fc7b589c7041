import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// The text of a manifest for showing the line that a problem is about, with values of secrets
/// covered.
///
/// A problem may be found before anyone knows what the file means, so what is secret is told by
/// layout alone: everything below a key named `secrets`, or `entries` where the text is of a SecretsGroup.
enum ManifestSource {
  /// Larger files are no manifests; reading one to show a line of it would take longer than all else.
  private static let sizeLimit = 4 << 20

  static func text(_ path: String) -> String? {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size <= sizeLimit else {
      return nil
    }
    return LocalFiles.text(path).map(covered)
  }

  static func covered(_ text: String) -> String {
    var secretIndent: Int?
    let names = text.contains("SecretsGroup") ? ["secrets", "entries"] : ["secrets"]
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      // A key behind the dash of a list item stands as deep as the item's other keys.
      let indent = line.prefix { $0 == " " || $0 == "-" }.count
      let content = line.dropFirst(indent)
      if let outer = secretIndent, indent > outer || content.isEmpty { return cover(line) }
      secretIndent = nil
      for key in names.flatMap({ content.ranges(of: $0) }) {
        let rest = content[key.upperBound...].drop { $0 == "\"" || $0 == "'" }.drop(while: \.isWhitespace)
        guard rest.first == ":" else { continue }
        secretIndent = indent
        return rest.dropFirst().allSatisfy(\.isWhitespace) ? String(line) : cover(line)
      }
      return String(line)
    }.joined(separator: "\n")
  }

  /// The line up to and with its key. A line without one continues a value and is covered whole.
  private static func cover(_ line: Substring) -> String {
    guard !line.allSatisfy(\.isWhitespace) else { return String(line) }
    guard let colon = line.firstIndex(of: ":") else {
      return String(line.prefix { $0 == " " }) + "(sensitive)"
    }
    let key = line[...colon]
    return line[line.index(after: colon)...].allSatisfy(\.isWhitespace) ? String(key) : "\(key) (sensitive)"
  }
}
