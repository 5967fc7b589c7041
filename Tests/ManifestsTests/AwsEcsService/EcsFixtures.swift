import Manifests
import StackModel
import Testing

/// Manifests of the AwsEcsService kind as it is shipped.
enum EcsFixtures {
  static let repository = Fixtures.directory.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
  static let catalog = KindCatalog(roots: ["\(repository)/templates"])

  static let examples = "../../templates/AwsEcsService/examples"
  /// Manifests that keep the rules.
  static let good = "AwsEcsService/good"

  /// Manifests with a golden normal form, by short name.
  static let withGolden: [String: String] = [examples, good].reduce(into: [:]) { paths, folder in
    for name in Fixtures.names(in: folder, ending: ".yaml") {
      precondition(paths[name] == nil, "two manifests are called \(name)")
      paths[name] = "\(folder)/\(name).yaml"
    }
  }

  /// Their normal forms: those of the examples lie apart, for a user's folder has no use for them.
  static let goldens: [String: String] = withGolden.reduce(into: [:]) { goldens, manifest in
    let folder = manifest.value.hasPrefix(good) ? good : "AwsEcsService/normal-form"
    goldens[manifest.key] = "\(folder)/\(manifest.key).tfvars.json"
  }

  /// What `{env: NAME}` finds in the fixtures.
  static let environment = ["SESSION_KEY": "a-session-key-for-tests", "EMPTY": ""]

  static func inputs(resolvesSecrets: Bool = true) -> NormalFormInputs {
    NormalFormInputs(environment: { environment[$0] }, resolvesSecrets: resolvesSecrets)
  }

  static func manifest(_ bytes: [UInt8], file: String) throws -> Manifest {
    let (manifests, diagnostics) = ManifestReader.read(bytes, file: file, catalog: catalog)
    return try #require(manifests.first, "\(Fixtures.rendered(diagnostics))")
  }

  /// The manifest at a path below the fixtures' folder.
  static func manifest(at path: String) throws -> Manifest {
    let bytes = try #require(Fixtures.bytes(path), "there is no \(path)")
    return try manifest(bytes, file: path.split(separator: "/").last.map(String.init) ?? path)
  }

  /// The smallest legal manifest with another `spec`, written in YAML without indent.
  static func manifest(spec: String) throws -> Manifest {
    let head = "apiVersion: aws.planton.dev/v1\nkind: AwsEcsService\nmetadata:\n  name: web\nspec:\n"
    let body = spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    return try manifest(Array((head + body).utf8), file: "web.yaml")
  }

  static func normalize(_ manifest: Manifest, resolvesSecrets: Bool = true) -> NormalFormResult {
    NormalForm.normalize(manifest, inputs: inputs(resolvesSecrets: resolvesSecrets))
  }

  /// `file:line:col: severity: message [code] path=... hint=...`, a line each.
  static func lines(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { diagnostic in
      let place = diagnostic.location.map { "\($0): " } ?? ""
      let path = diagnostic.path.map { " path=\($0)" } ?? ""
      let hint = diagnostic.hint.map { " hint=\($0)" } ?? ""
      return
        "\(place)\(diagnostic.severity.rawValue): \(diagnostic.message) [\(diagnostic.code)]\(path)\(hint)\n"
    }.joined()
  }
}
