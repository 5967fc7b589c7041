import Digests
package import Manifests
package import StackModel
import YAMLTree

/// Built manifests by the names of their overlays, as a Kubernetes ConfigMap: what one step of a pipeline
/// builds and another deploys.
package enum ManifestMap {
  /// What Kubernetes takes as the sum of all values, in bytes.
  package static let sizeLimit = 1 << 20

  /// The ConfigMap of all overlays that were built, less `local`, as YAML. Which of them are deployed is decided
  /// by whoever reads it.
  package static func text(
    of overlays: [Overlay],
    name: String,
    namespace: String?
  ) -> Result<[UInt8], DiagnosticFailure> {
    let kept = overlays.filter { !$0.isLocal && !$0.manifestText.isEmpty }
    let problems = problems(of: kept, name: name, namespace: namespace)
    guard problems.isEmpty else { return .failure(DiagnosticFailure(problems)) }
    var text = """
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: \(name)

      """
    if let namespace { text += "  namespace: \(namespace)\n" }
    text += """
        labels:
          app.kubernetes.io/managed-by: stackjob
      data:

      """
    if kept.isEmpty { text = text.replacing("data:\n", with: "data: {}\n") }
    for overlay in kept {
      text += "  \(JSONValue.string(overlay.name).text()): |\n"
      let manifest = String(decoding: overlay.manifestText, as: UTF8.self)
      for line in manifest.split(separator: "\n", omittingEmptySubsequences: false).dropLast(
        manifest.hasSuffix("\n") ? 1 : 0
      ) {
        text += line.isEmpty ? "\n" : "    \(line)\n"
      }
    }
    return .success(Array(text.utf8))
  }

  private static func problems(of overlays: [Overlay], name: String, namespace: String?) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for (flag, value) in [("--configmap", name), ("--namespace", namespace ?? "default")]
    where !isObjectName(value) {
      problems.append(
        .error(
          "configmap.name",
          "`\(value)` is no name in Kubernetes",
          at: SourceLocation(file: flag),
          hint: "lower-case letters, digits, `-` and `.`, beginning and ending with a letter or digit"
        )
      )
    }
    for overlay in overlays where !isKey(overlay.name) {
      problems.append(
        .error(
          "configmap.key",
          "the overlay's name cannot be a key of a ConfigMap",
          at: SourceLocation(file: overlay.path),
          hint: "letters, digits, `-`, `_` and `.`, at most 253"
        )
      )
    }
    let size = overlays.reduce(0) { $0 + $1.manifestText.count }
    if size > sizeLimit {
      let largest = overlays.max { $0.manifestText.count < $1.manifestText.count }
      problems.append(
        .error(
          "configmap.size",
          "the manifests have \(size) bytes together, and a ConfigMap takes \(sizeLimit)",
          hint: largest.map { "the largest is `\($0.name)` with \($0.manifestText.count) bytes" }
        )
      )
    }
    return problems
  }

  private static func isObjectName(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 253 else { return false }
    func isAlphanumeric(_ byte: UInt8) -> Bool { byte.isLower || byte.isDigit }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
  }

  private static func isKey(_ text: String) -> Bool {
    text.utf8.count <= 253
      && text.utf8.allSatisfy { byte in
        byte.isLower || byte.isDigit || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
      }
  }
}

extension UInt8 {
  fileprivate var isLower: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
  fileprivate var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
}

extension ManifestMap {
  /// The overlays in a ConfigMap's text, YAML or JSON, checked as after a build; none is chosen yet.
  ///
  /// A value is the manifest, or its base64, which other tools write.
  package static func overlays(
    in bytes: [UInt8],
    file: String,
    catalog: KindCatalog
  ) -> Result<[Overlay], DiagnosticFailure> {
    var limits = YAMLReader.Limits()
    limits.bytes = 8 << 20
    let (documents, problems) = YAMLReader.read(bytes, file: file, limits: limits)
    guard !problems.hasErrors else { return .failure(DiagnosticFailure(problems)) }
    guard documents.count == 1, let root = documents.first, root["kind"]?.string == "ConfigMap" else {
      return .failure(
        DiagnosticFailure(
          .error(
            "configmap.document",
            documents.count == 1
              ? "expected a ConfigMap, found \(documents[0]["kind"]?.string ?? documents[0].kindName)"
              : "expected one ConfigMap, found \(documents.count) documents",
            at: documents.first?.location ?? SourceLocation(file: file),
            hint: "write one with `stackjob overlays --configmap NAME`"
          )
        )
      )
    }
    var overlays: [Overlay] = []
    for field in ["data", "binaryData"] {
      for entry in root[field]?.mapping?.entries ?? [] {
        var overlay = Overlay(name: entry.key, path: "\(file)#\(entry.key)")
        if let text = entry.value.scalar?.text {
          overlay.manifestText = decoded(text)
          BuiltManifest.read(&overlay, catalog: catalog)
        } else {
          overlay.problems.append(
            .error(
              "configmap.value",
              "the value of `\(entry.key)` is text, not \(entry.value.kindName)",
              at: entry.value.location,
              path: "\(field).\(entry.key)"
            )
          )
        }
        overlays.append(overlay)
      }
    }
    return .success(overlays.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
  }

  /// No manifest reads as base64: it holds a colon.
  private static func decoded(_ text: String) -> [UInt8] {
    Base64.decode(text).flatMap { $0.isEmpty ? nil : $0 } ?? Array(text.utf8)
  }
}
