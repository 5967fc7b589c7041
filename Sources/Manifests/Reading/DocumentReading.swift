import StackModel
import YAMLTree

/// One document on its way to a manifest.
struct DocumentReading {
  let document: YAMLNode
  private(set) var diagnostics: [Diagnostic] = []

  init(document: YAMLNode) { self.document = document }

  /// Nil when there is an error, which `diagnostics` then holds.
  mutating func manifest(catalog: KindCatalog, injection: Injection) -> Manifest? {
    guard document.mapping != nil else {
      diagnostics.append(
        .error(
          "manifest.type",
          "a manifest is a map, this document is \(document.kindName)",
          at: document.location,
          hint: "write apiVersion, kind, metadata and spec"
        )
      )
      return nil
    }
    guard let kind = kind(in: catalog), let apiVersion = apiVersion(of: kind) else { return nil }
    var tree = document
    diagnostics += injection.apply(to: &tree, kind: kind)
    let (checked, problems) = SchemaChecker.check(tree, against: kind.schema)
    diagnostics += problems
    if diagnostics.hasErrors { return nil }
    let metadata = DecodingView(checked)["metadata"]
    return Manifest(
      file: document.location.file,
      kind: kind,
      apiVersion: apiVersion,
      name: metadata?["name"]?.string ?? "",
      org: metadata?["org"]?.string,
      env: metadata?["env"]?.string,
      labels: Dictionary((metadata?["labels"]?.stringMap ?? []).map { ($0.key, $0.value) }) { first, _ in
        first
      },
      tree: checked,
      location: document.location
    )
  }

  private mutating func kind(in catalog: KindCatalog) -> KindDefinition? {
    guard
      let (name, place) = text(
        "kind",
        hint: { "the kinds are \(catalog.kindNames().joined(separator: ", "))" }
      )
    else { return nil }
    switch catalog.find(name) {
    case .found(let kind): return kind
    case .broken(let problems):
      diagnostics += problems
      return nil
    case .unknown(let nearest):
      let names = catalog.kindNames()
      var hint = names.isEmpty ? "no kinds were found" : "the kinds are \(names.joined(separator: ", "))"
      if names.isEmpty, !catalog.roots.isEmpty { hint += " under \(catalog.roots.joined(separator: ", "))" }
      if let nearest { hint = "did you mean `\(nearest)`? \(hint)" }
      diagnostics.append(
        .error("manifest.unknown-kind", "there is no kind `\(name)`", at: place, path: "kind", hint: hint)
      )
      return nil
    }
  }

  private mutating func apiVersion(of kind: KindDefinition) -> String? {
    let legal = kind.apiVersions
    guard let (version, place) = text("apiVersion", hint: { "write apiVersion: \(legal.first ?? "")" }) else {
      return nil
    }
    if legal.contains(version) { return version }
    let nearest = Suggestion.nearest(to: version, among: legal)
    diagnostics.append(
      .error(
        "manifest.api-version",
        "\(kind.kind) has no apiVersion `\(version)`; it has \(Words.alternatives(legal))",
        at: place,
        path: "apiVersion",
        hint: nearest.map { "did you mean `\($0)`?" }
      )
    )
    return nil
  }

  /// A text field of the envelope, which must be there before a schema can be chosen.
  private mutating func text(_ key: String, hint: () -> String) -> (text: String, place: SourceLocation)? {
    guard let node = document[key] else {
      diagnostics.append(
        .error(
          "manifest.missing",
          "`\(key)` is required in the document",
          at: document.location,
          path: key,
          hint: hint()
        )
      )
      return nil
    }
    if let text = node.string { return (text, node.location) }
    diagnostics.append(
      .error(
        "manifest.type",
        "expected text, found \(Words.value(node))",
        at: node.location,
        path: key,
        hint: hint()
      )
    )
    return nil
  }
}
