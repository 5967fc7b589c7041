package import StackModel
import YAMLTree

/// From a file's bytes to checked manifests.
package enum ManifestReader {
  /// Reads a file, or standard input for `-`.
  ///
  /// - Parameter needsImage: false for what deploys nothing: where no image is given, one stands in.
  package static func readFile(
    _ path: String,
    catalog: KindCatalog,
    overrides: [Override] = [],
    image: String? = nil,
    versionTag: String? = nil,
    needsImage: Bool = true
  ) -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
    let (documents, problems) = YAMLReader.readFile(path)
    return read(
      documents,
      problems,
      catalog: catalog,
      overrides: overrides,
      image: image,
      versionTag: versionTag,
      needsImage: needsImage
    )
  }

  /// Every document of a text becomes a manifest or says why not.
  package static func read(
    _ bytes: [UInt8],
    file: String,
    catalog: KindCatalog,
    overrides: [Override] = [],
    image: String? = nil,
    versionTag: String? = nil,
    needsImage: Bool = true
  ) -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
    let (documents, problems) = YAMLReader.read(bytes, file: file)
    return read(
      documents,
      problems,
      catalog: catalog,
      overrides: overrides,
      image: image,
      versionTag: versionTag,
      needsImage: needsImage
    )
  }

  private static func read(
    _ documents: [YAMLNode],
    _ problems: [Diagnostic],
    catalog: KindCatalog,
    overrides: [Override],
    image: String?,
    versionTag: String?,
    needsImage: Bool
  ) -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
    var diagnostics = problems
    var reference: ImageReference?
    if let image {
      let (parsed, imageProblems) = ImageReference.parse(image)
      reference = parsed
      diagnostics += imageProblems
    }
    // What stands where the text itself is wrong was not read as it was meant.
    let broken = Set(problems.compactMap(\.location))
    let injection = Injection(
      overrides: overrides,
      image: reference,
      versionTag: versionTag,
      needsImage: needsImage
    )
    let manifests = documents.compactMap { document -> Manifest? in
      var reading = DocumentReading(document: document)
      let manifest = reading.manifest(catalog: catalog, injection: injection)
      diagnostics += reading.diagnostics.filter { $0.location.map { !broken.contains($0) } ?? true }
      return manifest
    }
    // A file that did not parse whole may lack what makes its documents right.
    return (problems.hasErrors ? [] : manifests, diagnostics.inReadingOrder())
  }
}

/// What the command line adds to each document before it is checked.
struct Injection {
  var overrides: [Override]
  var image: ImageReference?
  var versionTag: String?
  var needsImage = true

  func apply(to document: inout YAMLNode, kind: KindDefinition) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    if let image {
      problems += image.inject(into: &document, kind: kind)
    } else if !needsImage, let path = kind.injectImagePath, document[document.spelling(path)] == nil {
      problems += ImageReference.standIn.inject(into: &document, kind: kind)
    }
    if let versionTag {
      if let path = kind.injectVersionPath {
        let override = Override(path: path, text: JSONValue.string(versionTag).text(), flag: "--version-tag")
        problems += override.apply(to: &document, schema: kind.schema)
      } else {
        let place = SourceLocation(file: "--version-tag")
        problems.append(.error("version.not-taken", "the kind \(kind.kind) takes no version", at: place))
      }
    }
    // Last, so that a field named by hand wins.
    for override in overrides { problems += override.apply(to: &document, schema: kind.schema) }
    return problems
  }
}
