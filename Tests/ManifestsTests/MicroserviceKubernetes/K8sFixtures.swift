import Manifests
import References
import StackModel
import Testing
import YAMLTree

/// Manifests of the MicroserviceKubernetes kind as it is shipped, with the groups of the example service.
enum K8sFixtures {
  static let folder = "MicroserviceKubernetes"

  /// What `{env: NAME}` finds in the fixtures.
  static let environment = [
    "SESSION_KEY": "a-session-key-for-tests", "REGISTRY_PASSWORD": "a-password-for-tests", "EMPTY": "",
  ]

  static let groups: ReferenceGroups = {
    let example = "\(EcsFixtures.repository)/examples/k8s-service/references"
    let own = "\(Fixtures.directory)/\(folder)/references.yaml"
    let files = ["\(example)/variables.yaml", "\(example)/secrets.yaml", own]
    let (groups, problems) = ReferenceGroups.read(files)
    #expect(Fixtures.rendered(problems) == "")
    return groups
  }()

  static func inputs(resolvesSecrets: Bool = true) -> NormalFormInputs {
    NormalFormInputs(environment: { environment[$0] }, resolvesSecrets: resolvesSecrets)
  }

  /// The manifest at a path below the fixtures' folder, with the image that a build would give it.
  static func manifest(at path: String, image: String? = nil) throws -> Manifest {
    let bytes = try #require(Fixtures.bytes(path), "there is no \(path)")
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let (manifests, problems) = ManifestReader.read(
      bytes,
      file: file,
      catalog: EcsFixtures.catalog,
      image: image
    )
    return try #require(manifests.first, "\(Fixtures.rendered(problems))")
  }

  /// The normal form of a manifest, its references resolved.
  static func normalize(_ manifest: Manifest, resolvesSecrets: Bool = true) -> NormalFormResult {
    let (resolved, problems) = manifest.resolving(groups)
    var result = NormalForm.normalize(resolved, inputs: inputs(resolvesSecrets: resolvesSecrets))
    result.diagnostics = (problems + result.diagnostics).inReadingOrder()
    return result
  }

  /// A legal manifest with another `spec`, written in YAML without indent.
  static func manifest(name: String = "web", env: String? = nil, spec: String) throws -> Manifest {
    let environment = env.map { "\n  env: \($0)" } ?? ""
    let head =
      "apiVersion: kubernetes.project-planton.org/v1\nkind: MicroserviceKubernetes\n"
      + "metadata:\n  name: \(name)\(environment)\nspec:\n"
    let body = spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    return try EcsFixtures.manifest(Array((head + body).utf8), file: "\(name).yaml")
  }

  /// The normal form of a manifest that is legal without a warning.
  static func values(name: String = "web", env: String? = nil, spec: String) throws -> JSONValue {
    let result = normalize(try manifest(name: name, env: env, spec: spec))
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    return result.values
  }

  /// The codes of what is wrong with a manifest.
  static func codes(name: String = "web", env: String? = nil, spec: String) throws -> [String] {
    normalize(try manifest(name: name, env: env, spec: spec)).diagnostics.map(\.code)
  }
}
