import StackModel

/// A service on Amazon ECS. `templates/AwsEcsService/NORMAL-FORM.md` is the contract: each of its
/// tables is a file under `Form/`, each of its rules a function under `Rules/`.
package enum AwsEcsService: NormalFormKind {
  package static let kind = "AwsEcsService"

  package static func normalize(_ manifest: Manifest, inputs: NormalFormInputs) -> NormalFormResult {
    let service = EcsService(manifest, inputs: inputs)
    let diagnostics = EcsRules.check(service, inputs: inputs).inReadingOrder()
    if diagnostics.hasErrors { return NormalFormResult(values: .null, diagnostics: diagnostics) }
    let revisions = EcsSecretRevisions(service.secrets, isNeeded: inputs.resolvesSecrets)
    return NormalFormResult(
      values: service.values(revisions),
      secrets: inputs.resolvesSecrets ? ["secret_values": revisions.values] : [:],
      secretKeys: ["secret_values": service.secrets.entries.map(\.key)],
      diagnostics: diagnostics
    )
  }
}

extension EcsService {
  /// The module's variables, in the order of `variables.tf`.
  func values(_ revisions: EcsSecretRevisions) -> JSONValue {
    [
      "region": .optional(region),
      "tags": tagsForm,
      "cluster": clusterForm,
      "service": serviceForm,
      "task": taskForm(revisions),
      "network": networkForm,
      "roles": rolesForm,
      "logging": loggingForm,
      "secrets": secretsForm(revisions),
      "alb": albForm,
      "nlb": nlbForm,
      "autoscaling": autoscalingForm,
      "service_connect": serviceConnectForm,
      "service_discovery": serviceDiscoveryForm,
    ]
  }
}
