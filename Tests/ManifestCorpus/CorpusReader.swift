import LocalFiles
import Manifests
import StackModel
import YAMLTree

/// From a manifest as a value to its normal form.
struct CorpusReader: Sendable {
  private let catalog: KindCatalog
  private let imagePath: [String]

  init(_ definition: KindDefinition) {
    catalog = KindCatalog(roots: [LocalFiles.parent(of: definition.directory)])
    imagePath = definition.injectImagePath.map { "\($0)".split(separator: ".").map(String.init) } ?? []
  }

  /// Nil for a manifest that is refused.
  func form(_ name: String, _ manifest: JSONValue) -> ManifestCorpus.Form? {
    let hasImage = imagePath.reduce(manifest) { $0[$1] ?? nil }.isNull == false
    let (manifests, diagnostics) = ManifestReader.read(
      manifest.bytes(),
      file: name,
      catalog: catalog,
      image: hasImage ? nil : "registry.example.com/shop/web:1.2.3"
    )
    guard let read = manifests.first, !diagnostics.hasErrors else { return nil }
    let normal = NormalForm.normalize(
      read,
      inputs: NormalFormInputs(environment: { _ in "a-value" }, resolvesSecrets: false)
    )
    guard !normal.diagnostics.hasErrors, !normal.values.isNull else { return nil }
    return ManifestCorpus.Form(
      name: name,
      manifest: manifest,
      values: normal.values,
      secretKeys: normal.secretKeys
    )
  }
}

extension ManifestCorpus {
  /// The manifests of a kind in the repository, with what references lead to in their place.
  static func written(_ kind: String, root: String) throws -> [(name: String, manifest: JSONValue)] {
    var found: [(name: String, manifest: JSONValue)] = []
    for folder in [
      "templates/\(kind)/examples", "Tests/Fixtures/\(kind)/good", "Tests/Fixtures/\(kind)/manifests",
    ]
    where LocalFiles.exists("\(root)/\(folder)") {
      for file in try LocalFiles.list("\(root)/\(folder)").sorted() where file.hasSuffix(".yaml") {
        let (documents, problems) = YAMLReader.readFile("\(root)/\(folder)/\(file)")
        guard let document = documents.first, !problems.hasErrors else {
          throw CorpusError(description: "\(folder)/\(file) cannot be read")
        }
        found.append((String(file.dropLast(5)), resolved(document.json)))
      }
    }
    return found
  }

  private static func resolved(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text) where text.hasPrefix("$variables-group/") || text.hasPrefix("$secrets-group/"):
      "what-a-reference-leads-to"
    case .array(let elements): .array(elements.map(resolved))
    case .object(let object): .object(JSONObject(object.map { ($0.key, resolved($0.value)) }))
    default: value
    }
  }
}
