import StackModel
package import YAMLTree

/// The manifest that a new repository begins with.
package struct BaseManifest: Sendable {
  package var text: String
  /// The lines that every overlay repeats, down to `metadata.name`: a patch finds what it changes by them.
  package var head: String
  /// The fields that lead to variables and secrets.
  package var environmentPath: [String]

  /// For a service that is to be written.
  package init(platform: StarterPlatform, name: String, org: String?) {
    head = Self.head(platform.apiVersion, platform.kind, name)
    environmentPath = platform.environmentPath
    let org = org.map { "  org: \(RepositoryStart.scalar($0))\n" } ?? ""
    text = "# What all environments have in common.\n\(head)\n\(org)\(platform.spec)"
  }

  /// From a manifest that is there, as it is written, comments and all, less its environment and its branch
  /// label, which are an overlay's to say.
  ///
  /// - Parameter document: what the text holds.
  package init(text: String, document: YAMLNode, platform: StarterPlatform) {
    head = Self.head(
      document["apiVersion"]?.string ?? platform.apiVersion,
      document["kind"]?.string ?? platform.kind,
      document["metadata"]?["name"]?.scalar?.text ?? ""
    )
    environmentPath = platform.environmentPath
    // By scalars: to Swift a carriage return and a newline are one character.
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(
      Substring.init
    )
    let metadata = document["metadata"]
    let labels = metadata?["labels"]
    var dropped = Set(
      [metadata?.mapping?.entry("env")].compactMap { $0.flatMap { Self.line(of: $0, in: lines) } }
    )
    if let label = labels?.mapping?.entry(BranchPattern.label).flatMap({ Self.line(of: $0, in: lines) }) {
      dropped.insert(label)
      // Nothing may be left of labels that have no others.
      if labels?.mapping?.count == 1, let line = metadata?.mapping?.entry("labels")?.keyLocation.line {
        dropped.insert(line)
      }
    }
    self.text = lines.enumerated().filter { !dropped.contains($0.offset + 1) }.map(\.element)
      .joined(separator: "\n")
  }

  private static func head(_ apiVersion: String, _ kind: String, _ name: String) -> String {
    """
    apiVersion: \(apiVersion)
    kind: \(kind)
    metadata:
      name: \(RepositoryStart.scalar(name))
    """
  }

  /// The line of an entry that has one of its own. In a flow map it has none, and stays: overlays say it anew.
  private static func line(of entry: YAMLMapping.Entry, in lines: [Substring]) -> Int? {
    let place = entry.keyLocation
    guard entry.value.scalar != nil, entry.value.location.line == place.line,
      lines.indices.contains(place.line - 1),
      lines[place.line - 1].unicodeScalars.prefix(place.column - 1).allSatisfy({ $0 == " " })
    else { return nil }
    return place.line
  }
}
