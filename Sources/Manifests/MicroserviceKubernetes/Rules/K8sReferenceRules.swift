import References
import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkReferences() {
    findOtherResources(spec)
    for reference in service.manifest.referenceTexts { check(reference) }
  }

  private mutating func check(_ text: ReferenceText) {
    guard let node = service.manifest.tree[text.path] else { return }
    let view = DecodingView(node, path: text.path)
    if text.place == .none {
      error(
        "k8s.reference.place",
        view,
        "a reference is not resolved here",
        hint:
          "the places are values of `env.variables` and `env.secrets`, and passwords of `pod.imageRegistries`"
      )
    } else if let reference = text.reference {
      guard text.place == .variable, reference.kind == .secrets else { return }
      error(
        "k8s.env.secret-variable",
        view,
        "`\(reference)` is a secret, and anyone who may read the Deployment can read a variable",
        hint: "move it to `secrets`"
      )
    } else {
      let prefix = text.text.hasPrefix(GroupKind.secrets.prefix) ? GroupKind.secrets : .variables
      error(
        "k8s.reference.form",
        view,
        "a reference has a group and an entry",
        hint: "write `\(prefix.prefix)<group>/<entry>`"
      )
    }
  }

  /// `k8s.reference`. What is not looked up anyway may say where it would come from.
  private mutating func findOtherResources(_ view: DecodingView) {
    if let from = view["valueFrom"], from.node.mapping != nil,
      from.entries?.isEmpty == true || K8sVariable.isOtherResource(from)
    {
      error(
        "k8s.reference",
        view,
        "`\(view.path)` refers to another resource's output, which stackjob does not resolve",
        hint: isVariable(view)
          ? "put the value itself here, or use `configMapKeyRef`, `secretKeyRef`, `fieldRef`, `resourceFieldRef`"
          : "put the value itself here"
      )
      return
    }
    for (key, child) in view.entries ?? [] where key != "targetCluster" { findOtherResources(child) }
    for child in view.list ?? [] { findOtherResources(child) }
  }

  private func isVariable(_ view: DecodingView) -> Bool {
    view.path.steps.contains { $0 == .key("env") }
  }
}
