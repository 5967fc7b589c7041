import YAMLTree

/// A container of the pod.
struct K8sContainer: Sendable {
  enum Role: Sendable {
    case main, sidecar, initial
  }

  let role: Role
  let view: DecodingView
  let name: String
  let image: K8sImage
  let variables: [K8sVariable]
  let secrets: [K8sVariable]
  /// Nil where `env` is a list.
  let env: DecodingView?
  let ports: [K8sPort]
  let mounts: [DecodingView]

  init(_ view: DecodingView, role: Role, in manifest: Manifest) {
    self.role = role
    self.view = view
    let name = view["name"]?.string ?? (role == .main ? "app" : "")
    self.name = name
    image = K8sImage(view["image"])
    let block = view["env"]
    env = block?.list == nil ? block : nil
    variables = K8sVariable.list(env == nil ? block : env?["variables"], isSecret: false, in: manifest)
    secrets = K8sVariable.list(env?["secrets"], isSecret: true, in: manifest)
    ports = (view["ports"]?.list ?? []).map { K8sPort($0, container: name) }
    mounts = view["volumeMounts"]?.list ?? []
  }

  var envFrom: [DecodingView] { env?["envFrom"]?.list ?? [] }

  /// The amounts under `limits` or `requests`, by the names Kubernetes has.
  func amounts(_ list: String) -> [(name: String, text: String, view: DecodingView)] {
    (view["resources"]?[list]?.stringMap ?? []).map {
      ($0.key == "ephemeralStorage" ? "ephemeral-storage" : $0.key, $0.value, $0.view)
    }
  }

  func amount(_ list: String, _ name: String) -> Quantity? {
    amounts(list).first { $0.name == name }.flatMap { Quantity($0.text) }
  }

  static let probes = ["livenessProbe", "readinessProbe", "startupProbe"]
}
