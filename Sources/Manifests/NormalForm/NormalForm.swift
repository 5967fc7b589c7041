package import StackModel

/// What a kind means, decided once: names, ports, defaults, roles, what autoscaling owns.
///
/// Templates only lay the normal form out, so what two engines make of a manifest is the same.
package protocol NormalFormKind: SendableMetatype {
  /// The kind's name as manifests write it.
  static var kind: String { get }

  /// Derives the normal form and holds the manifest to the rules that its schema cannot say.
  static func normalize(_ manifest: Manifest, inputs: NormalFormInputs) -> NormalFormResult
}

/// What a normal form may ask of the world beside the manifest.
package struct NormalFormInputs: Sendable {
  /// stackjob's own environment, which `{env: NAME}` secrets are taken from.
  package var environment: @Sendable (String) -> String?
  /// Whether a job is about to run. Without it values of secrets are neither looked up nor fingerprinted:
  /// their revision is 0 and ``NormalFormResult/secrets`` is empty.
  package var resolvesSecrets: Bool

  package init(environment: @escaping @Sendable (String) -> String?, resolvesSecrets: Bool) {
    self.environment = environment
    self.resolvesSecrets = resolvesSecrets
  }
}

package struct NormalFormResult: Sendable {
  /// The module's variables, as they are written to `terraform.tfvars.json`; null when there are errors.
  package var values: JSONValue
  /// What may not be written to a file: module variable, then key, then value.
  package var secrets: [String: [String: Secret]]
  /// The keys of ``secrets``, whether the values were looked up or not: a module takes no less.
  package var secretKeys: [String: [String]]
  /// In reading order.
  package var diagnostics: [Diagnostic]

  package init(
    values: JSONValue,
    secrets: [String: [String: Secret]] = [:],
    secretKeys: [String: [String]] = [:],
    diagnostics: [Diagnostic] = []
  ) {
    self.values = values
    self.secrets = secrets
    self.secretKeys = secretKeys
    self.diagnostics = diagnostics
  }
}

package enum NormalForm {
  /// The kinds that have Swift code of their own.
  private static let kinds: [any NormalFormKind.Type] = [
    AwsEcsService.self, MicroserviceKubernetes.self,
  ]

  /// The normal form by the manifest's kind. A kind without code here gets its `spec` as it is, so that a
  /// folder of templates alone adds a kind.
  package static func normalize(_ manifest: Manifest, inputs: NormalFormInputs) -> NormalFormResult {
    let kind = kinds.first { $0.kind == manifest.kind.kind }
    return kind?.normalize(manifest, inputs: inputs) ?? GenericKind.normalize(manifest)
  }
}
