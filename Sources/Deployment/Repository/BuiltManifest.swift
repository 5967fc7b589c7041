import Manifests
import StackModel
import YAMLTree

/// Reads what an overlay builds to.
enum BuiltManifest {
  /// Fills in what the manifest says of itself, and what is wrong with it.
  static func read(_ overlay: inout Overlay, catalog: KindCatalog) {
    let place = SourceLocation(file: overlay.path)
    let (documents, problems) = YAMLReader.read(overlay.manifestText, file: overlay.path)
    // An overlay that is in order costs no second look at its files.
    lazy var sources = OverlaySources(folder: overlay.path)
    guard documents.count == 1, let document = documents.first, !problems.hasErrors else {
      overlay.problems.append(count(documents, at: place))
      return
    }
    let metadata = document["metadata"]
    overlay.kind = document["kind"]?.string
    overlay.environment = metadata?["env"]?.scalar.flatMap { $0.text.isEmpty ? nil : $0.text }
    overlay.org = metadata?["org"]?.scalar?.text
    overlay.resourceName = metadata?["name"]?.scalar?.text
    for entry in metadata?["labels"]?.mapping?.entries ?? [] {
      overlay.labels[entry.key] = entry.value.isNull ? "" : entry.value.scalar?.text
    }
    if overlay.labels[BranchPattern.label] != nil {
      overlay.labelLocation = sources.location(of: FieldPath(keys: "metadata", "labels", BranchPattern.label))
    }
    if overlay.environment == nil, !overlay.isLocal {
      overlay.problems.append(
        .error(
          "overlay.environment",
          "the overlay does not say which environment it is for",
          at: sources.location(of: FieldPath(keys: "metadata")) ?? place,
          path: "metadata.env",
          hint: "write metadata.env; the folder's name is not taken for it"
        )
      )
    }
    let checked = ManifestReader.read(
      overlay.manifestText,
      file: overlay.path,
      catalog: catalog,
      needsImage: false
    )
    if let file = OverlaySources.kustomization(in: overlay.path) {
      overlay.problems += PatchTargets.problems(in: file, of: document)
    }
    // An alias is another name of the same stack.
    if let kind = checked.manifests.first?.kind.kind { overlay.kind = kind }
    for var problem in checked.diagnostics {
      problem.location =
        problem.path.flatMap { try? FieldPath(parsing: $0) }.flatMap(sources.location) ?? place
      overlay.problems.append(problem)
    }
  }

  private static func count(_ documents: [YAMLNode], at place: SourceLocation) -> Diagnostic {
    if documents.isEmpty {
      return .error(
        "overlay.empty",
        "the overlay builds to nothing",
        at: place,
        hint: "name the base under `resources` in its kustomization.yaml: - ../../base"
      )
    }
    let names = documents.map { document in
      "\(document["kind"]?.string ?? "?") \(document["metadata"]?["name"]?.string ?? "?")"
    }
    return .error(
      "overlay.documents",
      "the overlay builds to \(documents.count) documents, and one is deployed: \(names.joined(separator: ", "))",
      at: place,
      hint: "give each manifest an overlay of its own"
    )
  }
}
