import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkEnvironment() {
    for container in service.allContainers {
      for variable in container.secrets + container.variables {
        checkName(variable)
        checkSource(variable)
        if case .field(let view)? = variable.source { checkField(view) }
        if case .resource(let view)? = variable.source { checkResource(view) }
        if case .secretKey(let view)? = variable.source { checkSecretNamespace(view) }
      }
      checkDuplicates(container)
      checkPlainSecrets(container)
      for entry in container.envFrom where entry["configMapRef"] == nil && entry["secretRef"] == nil {
        error("k8s.env.source", entry, "an entry of `envFrom` needs `configMapRef` or `secretRef`")
      }
    }
  }

  /// `k8s.env.name`
  private mutating func checkName(_ variable: K8sVariable) {
    let name = variable.name
    if name.isVariableName { return }
    let view = variable.view["name"] ?? variable.view
    if !variable.isSecret, name.isMade(of: { 0x20...0x7E ~= $0.value && $0 != "=" }) {
      warning("k8s.env.name", view, "most shells cannot read a variable named `\(name)`")
      return
    }
    error(
      "k8s.env.name",
      view,
      "`\(name)` is not a legal name for a \(variable.isSecret ? "secret" : "variable")",
      hint: "names have letters, digits and underscores, and do not begin with a digit"
    )
  }

  /// `k8s.env.source`
  private mutating func checkSource(_ variable: K8sVariable) {
    let fields = variable.sources.map(\.field)
    if fields.isEmpty {
      // Another resource's output is refused by a rule of its own.
      if variable.view["valueFrom"]?.entries?.isEmpty == true { return }
      let others = variable.isSecret ? "`env`, `secretKeyRef`" : "`configMapKeyRef`, `fieldRef`"
      error(
        "k8s.env.source",
        variable.view,
        "`\(variable.name)` has no value",
        hint: "give `value` or another source: \(others), ..."
      )
    } else if fields.count > 1 {
      let words = fields.map { "`\($0)`" }.joined(separator: " and ")
      error("k8s.env.source", variable.view, "`\(variable.name)` has \(words)", hint: "keep one of them")
    }
  }

  /// `k8s.env.duplicate`
  private mutating func checkDuplicates(_ container: K8sContainer) {
    let secrets = Set(container.secrets.map(\.name))
    for variable in container.variables where secrets.contains(variable.name) {
      error(
        "k8s.env.duplicate",
        variable.view,
        "`\(variable.name)` is both a plain variable and a secret",
        hint: "keep the secret"
      )
    }
    for list in [container.variables, container.secrets] {
      checkUnique("k8s.env.duplicate", list.map { ($0.name, $0.view) }) {
        "the container has `\($0)` already"
      }
    }
  }

  private static let secretEndings = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY"]

  /// `k8s.env.looks-secret`
  private mutating func checkPlainSecrets(_ container: K8sContainer) {
    for variable in container.variables {
      guard case .value(.literal(let text))? = variable.source, text.count >= 8,
        Self.secretEndings.contains(where: variable.name.uppercased().hasSuffix)
      else { continue }
      warning(
        "k8s.env.looks-secret",
        variable.sourceView,
        "`\(variable.name)` looks like a secret, and anyone who may read the Deployment can read it",
        hint: "move it to `secrets`"
      )
    }
  }

  private static let fields = [
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
  ]

  /// `k8s.env.field`, for `fieldRef`
  private mutating func checkField(_ block: DecodingView) {
    guard let view = block["fieldPath"], let path = view.string, !Self.fields.contains(path) else { return }
    for map in ["metadata.labels", "metadata.annotations"] where path.hasPrefix("\(map)['") {
      let key = path.dropFirst(map.count + 2).dropLast(2)
      if path.hasSuffix("']"), key.isAnnotationKey { return }
    }
    error(
      "k8s.env.field",
      view,
      "a variable cannot have `\(path)`",
      hint: Self.nearest(path, Self.fields)
        ?? "possible are \(Self.fields.joined(separator: ", ")), metadata.labels['<key>'], metadata.annotations['<key>']"
    )
  }

  /// `k8s.env.field`, for `resourceFieldRef`
  private mutating func checkResource(_ block: DecodingView) {
    if let view = block["resource"], let text = view.string {
      let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
      let resources = ["cpu", "memory", "ephemeral-storage"]
      let isLegal =
        parts.count == 2 && ["limits", "requests"].contains(parts[0])
        && (resources.contains(parts[1]) || parts[1].hasPrefix("hugepages-"))
      if !isLegal {
        let all = ["limits", "requests"].flatMap { list in resources.map { "\(list).\($0)" } }
        error(
          "k8s.env.field",
          view,
          "a variable cannot have the resource `\(text)`",
          hint: Self.nearest(text, all) ?? "possible are \(all.joined(separator: ", "))"
        )
      }
    }
    if let view = block["containerName"], let name = view.string, !name.isEmpty {
      let names = service.allContainers.map(\.name)
      if !names.contains(name) {
        error("k8s.env.field", view, "the pod has no container `\(name)`", hint: Self.nearest(name, names))
      }
    }
    if let view = block["divisor"], let text = view.string, Quantity(text) == nil {
      error("k8s.env.field", view, "`\(text)` is not a quantity", hint: Self.meant(text))
    }
  }

  /// `k8s.secret.namespace`
  private mutating func checkSecretNamespace(_ block: DecodingView) {
    guard let view = block["namespace"], let name = view.string, !name.isEmpty,
      name != service.namespace.name, !service.namespace.isUnknown
    else { return }
    error(
      "k8s.secret.namespace",
      view,
      "pods read secrets of their own namespace only, and that is `\(service.namespace.name)`"
    )
  }
}
