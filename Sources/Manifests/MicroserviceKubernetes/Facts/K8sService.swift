import StackModel
import YAMLTree

/// What rules and normal form both ask about a service, read from its manifest once.
struct K8sService: Sendable {
  let manifest: Manifest
  let metadata: DecodingView
  let spec: DecodingView
  let names: K8sNames
  let namespace: K8sNamespace
  /// The main container first, sidecars in order.
  let containers: [K8sContainer]
  let initContainers: [K8sContainer]
  let registries: [K8sRegistry]
  /// The Secrets that are created.
  let secrets: [K8sSecret]
  let availability: K8sAvailability
  /// `spec.pod.volumes`, then those of mounts, each once.
  let volumes: [K8sVolume]

  init(_ manifest: Manifest, inputs: NormalFormInputs) {
    self.manifest = manifest
    let spec = manifest.spec
    self.spec = spec
    metadata = manifest.view["metadata"] ?? manifest.view
    let names = K8sNames(name: manifest.name, environment: manifest.env)
    self.names = names
    namespace = K8sNamespace(spec, metadata: metadata, names: names)
    let block = spec["container"]
    let main = block?["app"].map { K8sContainer($0, role: .main, in: manifest) }
    let sidecars = (block?["sidecars"]?.list ?? []).map { K8sContainer($0, role: .sidecar, in: manifest) }
    containers = [main].compactMap(\.self) + sidecars
    initContainers = (block?["initContainers"]?.list ?? []).map {
      K8sContainer($0, role: .initial, in: manifest)
    }
    let all = containers + initContainers
    registries = (spec["pod"]?["imageRegistries"]?.list ?? []).map {
      K8sRegistry($0, in: manifest, inputs: inputs)
    }
    secrets =
      all.map { K8sSecret($0, service: names.name, inputs: inputs) }.filter { !$0.entries.isEmpty }
      + (registries.isEmpty ? [] : [K8sSecret(registries, service: names.name)])
    availability = K8sAvailability(spec)
    volumes = Self.volumes(spec, all, names)
  }

  var pod: DecodingView? { spec["pod"] }
  var main: K8sContainer? { containers.first }
  var allContainers: [K8sContainer] { containers + initContainers }

  /// What the Service leads to.
  var servicePorts: [K8sPort] {
    containers.flatMap { container in
      container.ports.filter { container.role == .main || $0.givenServicePort != nil }
    }
  }

  /// The marked port, or the only TCP port of the main container.
  var ingressPort: K8sPort? {
    let ports = main?.ports ?? []
    if let marked = ports.first(where: \.isIngressPort) { return marked }
    let tcp = ports.filter(\.isTCP)
    return tcp.count == 1 ? tcp.first : nil
  }

  /// Nil unless it is on.
  var ingress: DecodingView? {
    guard let block = spec["ingress"], block.isOn("enabled", "isEnabled") else { return nil }
    return block
  }

  var ingressDomain: String? {
    (ingress?["dnsDomain"] ?? ingress?["endpointDomainName"])?.string
  }

  /// Nil unless it is on.
  var networkPolicy: DecodingView? { spec.enabled("networkPolicy", default: true) }

  var serviceType: String { spec["service"]?["type"]?.string ?? "ClusterIP" }

  // Labels and annotations of all objects.

  var selector: [(String, String)] { [(Self.serviceLabel, names.name)] }

  static let serviceLabel = "stackjob.dev/service"

  var labels: [(String, String)] {
    let own: [(String, String?)] = [
      ("app.kubernetes.io/name", names.name),
      ("app.kubernetes.io/managed-by", "stackjob"),
      ("app.kubernetes.io/version", spec["version"]?.string),
      (Self.serviceLabel, names.name),
      ("stackjob.dev/org", Self.legal(manifest.org)),
      ("stackjob.dev/env", Self.legal(manifest.env)),
    ]
    return own.compactMap { key, value in value.map { (key, $0) } } + Self.pairs(spec["labels"])
  }

  /// A label's value, if the text can be one.
  private static func legal(_ text: String?) -> String? {
    text.flatMap { !$0.isEmpty && $0.isLabelValue ? $0 : nil }
  }

  var annotations: [(String, String)] { Self.pairs(spec["annotations"]) }

  static func pairs(_ view: DecodingView?) -> [(String, String)] {
    (view?.stringMap ?? []).map { ($0.key, $0.value) }
  }

  /// The files that become ConfigMaps.
  var configMaps: [(name: String, file: String, text: String, view: DecodingView)] {
    (spec["configMaps"]?.stringMap ?? []).map { ("\(names.name)-\($0.key)", $0.key, $0.value, $0.view) }
  }

  /// The file of a ConfigMap that the manifest makes, by either of its names.
  func configMapFile(_ name: String) -> String? {
    configMaps.first { $0.file == name }?.file ?? configMaps.first { $0.name == name }?.file
  }
}

/// The namespace, and whether it is created.
struct K8sNamespace: Sendable {
  let name: String
  let isCreated: Bool
  /// Not derived from the service's name.
  let isGiven: Bool
  /// A reference to another resource's output, which `k8s.reference` refuses.
  let isUnknown: Bool
  /// Where the name comes from.
  let view: DecodingView

  private static let labels = ["project-planton.org", "openmcf.org", "planton.dev"].map {
    "kubernetes.\($0)/namespace"
  }

  init(_ spec: DecodingView, metadata: DecodingView, names: K8sNames) {
    let field = spec["namespace"]
    let label = Self.labels.lazy.compactMap { metadata["labels"]?[$0] }.first
    let written = field?.valueView ?? label
    isUnknown = field != nil && field?.value == nil
    isGiven = written != nil
    name = written?.string ?? names.qualified
    isCreated = spec["createNamespace"]?.bool ?? (written == nil)
    view = written ?? metadata["name"] ?? metadata
  }

  /// `default` and those that Kubernetes keeps for itself.
  var isSystem: Bool { name == "default" || name.hasPrefix("kube-") }
}
