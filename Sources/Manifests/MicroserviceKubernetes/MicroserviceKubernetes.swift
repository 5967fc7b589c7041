import StackModel

/// A service on Kubernetes. `templates/MicroserviceKubernetes/NORMAL-FORM.md` is the contract: its tables are
/// files under `Form/`, its rules functions under `Rules/`.
package enum MicroserviceKubernetes: NormalFormKind {
  package static let kind = "MicroserviceKubernetes"

  package static func normalize(_ manifest: Manifest, inputs: NormalFormInputs) -> NormalFormResult {
    let service = K8sService(manifest, inputs: inputs)
    let diagnostics = K8sRules.check(service, inputs: inputs).inReadingOrder()
    if diagnostics.hasErrors { return NormalFormResult(values: .null, diagnostics: diagnostics) }
    let revisions = K8sSecretRevisions(service.secrets, isNeeded: inputs.resolvesSecrets)
    return NormalFormResult(
      values: service.values(revisions),
      secrets: inputs.resolvesSecrets ? ["secret_values": revisions.values] : [:],
      secretKeys: ["secret_values": service.secrets.flatMap(\.valueKeys)],
      diagnostics: diagnostics
    )
  }
}

extension K8sService {
  /// The module's variables, in the order of `variables.tf`. The cluster is none of the manifest's.
  func values(_ revisions: K8sSecretRevisions) -> JSONValue {
    [
      "namespace": namespaceForm,
      "labels": .textMap(labels),
      "annotations": .textMap(annotations),
      "selector": .textMap(selector),
      "service_account": serviceAccountForm,
      "config_maps": configMapsForm,
      "secrets": secretsForm(revisions),
      "deployment": deploymentForm,
      "pod": podForm(revisions),
      "service": serviceForm,
      "ingresses": ingressesForm,
      "routes": routesForm,
      "autoscaling": autoscalingForm,
      "disruption_budget": disruptionBudgetForm,
      "network_policy": networkPolicyForm,
      "endpoints": endpointsForm,
    ]
  }
}
