import Digests
import StackModel
import YAMLTree

/// A Secret that is created, with what it holds.
struct K8sSecret: Sendable {
  struct Entry: Sendable {
    let key: String
    let view: DecodingView
    /// Nil when it is not looked up, or not there.
    let value: Secret?
    /// The variable of stackjob's own environment that it comes from.
    let environment: String?
  }

  let name: String
  let type: String
  /// Sorted by key.
  let entries: [Entry]

  var isOpaque: Bool { type == "Opaque" }

  /// What its values are passed by.
  var valueKeys: [String] { entries.map { "\(name)/\($0.key)" } }

  init(_ container: K8sContainer, service: String, inputs: NormalFormInputs) {
    name = Self.environmentName(of: container, service: service)
    type = "Opaque"
    entries = container.secrets.filter(\.isStored).map { variable in
      var value: Secret?
      var environment: String?
      switch variable.source {
      case .value(let text): value = text.secret
      case .environment(let name):
        environment = name
        value = inputs.resolvesSecrets ? inputs.environment(name).map(Secret.init) : nil
      default: break
      }
      return Entry(key: variable.name, view: variable.sourceView, value: value, environment: environment)
    }.sorted { $0.key < $1.key }
  }

  init(_ registries: [K8sRegistry], service: String) {
    name = Self.imagePullName(service)
    type = "kubernetes.io/dockerconfigjson"
    let first = registries.first?.view
    entries = [first].compactMap(\.self).map { view in
      Entry(
        key: ".dockerconfigjson",
        view: view,
        value: K8sRegistry.dockerConfig(registries),
        environment: nil
      )
    }
  }

  /// The dot keeps a sidecar's Secret apart from that of a service named `<name>-<sidecar>`.
  static func environmentName(of container: K8sContainer, service: String) -> String {
    "\(service)\(container.role == .main ? "" : ".\(container.name)")-env-secrets"
  }

  static func imagePullName(_ service: String) -> String { "\(service)-image-pull" }
}

/// A registry with a user.
struct K8sRegistry: Sendable {
  let view: DecodingView
  let server: String
  let user: String
  let password: Secret?
  let passwordView: DecodingView
  /// The variable of stackjob's own environment that the password comes from.
  let environment: String?

  init(_ view: DecodingView, in manifest: Manifest, inputs: NormalFormInputs) {
    self.view = view
    server = view["server"]?.string ?? ""
    user = view["username"]?.string ?? ""
    let field = view["password"] ?? view
    let value = field["value"] ?? field
    passwordView = field["env"] ?? value
    environment = field["env"]?.string
    if let environment {
      password = inputs.resolvesSecrets ? inputs.environment(environment).map(Secret.init) : nil
    } else {
      password = value.string.flatMap { K8sVariable.Value($0, value, manifest).secret }
    }
  }

  /// What `docker login` would write; nil while a password is not known.
  static func dockerConfig(_ registries: [K8sRegistry]) -> Secret? {
    var auths = JSONObject()
    for registry in registries.sorted(by: { $0.server < $1.server }) {
      guard let password = registry.password?.reveal() else { return nil }
      auths[registry.server] = [
        "auth": .string(Base64.text("\(registry.user):\(password)".utf8)),
        "password": .string(password),
        "username": .string(registry.user),
      ]
    }
    return Secret(JSONValue.object(["auths": .object(auths)]).text())
  }
}
