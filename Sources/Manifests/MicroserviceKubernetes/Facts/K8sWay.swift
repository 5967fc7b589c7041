import YAMLTree

/// A way in from outside the cluster: an Ingress or a route.
struct K8sWay: Sendable {
  enum Key: String, Sendable {
    case external, `internal`
  }

  struct Path: Sendable {
    let path: String
    let type: String
    /// Nil when there is no such port.
    let port: K8sPort?
  }

  let key: Key
  let name: String
  let hosts: [String]
  let className: String?
  /// What the service's own annotations are followed by.
  let annotations: [(String, String)]
  let tlsSecret: String?
  let gateway: DecodingView?
  let paths: [Path]

  var isRoute: Bool { gateway != nil }

  var url: String {
    let isPlain = isRoute ? gateway?["sectionName"]?.string == "http" : tlsSecret == nil
    return "\(isPlain ? "http" : "https")://\(hosts.first ?? "")"
  }
}

extension K8sService {
  /// The ways in; empty without an ingress that is on.
  var ways: [K8sWay] {
    guard let block = ingress else { return [] }
    return [isInternalOnly ? nil : externalWay(block), hasInternalWay ? internalWay(block) : nil]
      .compactMap(\.self)
  }

  private var hasInternalWay: Bool { internalIngress != nil || isInternalOnly }
  private var isInternalOnly: Bool { ingress?["internalOnly"]?.bool ?? false }

  /// The block of the internal way, unless it is off.
  var internalIngress: DecodingView? {
    guard let block = ingress?["internal"], block["enabled"]?.bool ?? true else { return nil }
    return block
  }

  private func externalWay(_ block: DecodingView) -> K8sWay {
    let first = block["hostname"]?.string ?? ingressDomain.map { "\(names.name).\($0)" }
    let tls = block["tls"]
    return K8sWay(
      key: .external,
      name: names.name,
      hosts: [first].compactMap(\.self) + (block["additionalHostnames"]?.strings ?? []),
      className: block["className"]?.string,
      annotations: wayAnnotations(block["annotations"], tls),
      tlsSecret: Self.isOn(tls) ? tls?["secretName"]?.string ?? "\(names.name)-tls" : nil,
      gateway: block["gateway"],
      paths: wayPaths
    )
  }

  private func internalWay(_ block: DecodingView) -> K8sWay {
    let own = internalIngress
    let name = "\(names.name)-internal"
    let host =
      own?["hostname"]?.string ?? block["hostname"]?.string.map { "internal-\($0)" }
      ?? ingressDomain.map { "\(name).\($0)" }
    let tls = own?["tls"] ?? block["tls"]
    let ownAnnotations = own?["annotations"]
    let annotations = ownAnnotations?.entries?.isEmpty == false ? ownAnnotations : block["annotations"]
    return K8sWay(
      key: .internal,
      name: name,
      hosts: [host].compactMap(\.self),
      className: own?["className"]?.string ?? block["className"]?.string,
      annotations: wayAnnotations(annotations, tls),
      tlsSecret: internalSecret(own?["tls"], block["tls"], name: name),
      gateway: own?["gateway"],
      paths: wayPaths
    )
  }

  private func internalSecret(_ own: DecodingView?, _ external: DecodingView?, name: String) -> String? {
    if let own { return Self.isOn(own) ? own["secretName"]?.string ?? "\(name)-tls" : nil }
    guard let external, Self.isOn(external) else { return nil }
    // An issuer makes one certificate for each Ingress; a given one may stand for both.
    if Self.issuer(external) != nil { return "\(name)-tls" }
    return external["secretName"]?.string ?? "\(names.name)-tls"
  }

  private static func isOn(_ tls: DecodingView?) -> Bool { tls.map { $0["enabled"]?.bool ?? true } ?? false }

  private static func issuer(_ tls: DecodingView?) -> (String, String)? {
    guard let tls, isOn(tls) else { return nil }
    if let name = tls["clusterIssuer"]?.string { return ("cert-manager.io/cluster-issuer", name) }
    return tls["issuer"]?.string.map { ("cert-manager.io/issuer", $0) }
  }

  private func wayAnnotations(_ block: DecodingView?, _ tls: DecodingView?) -> [(String, String)] {
    let written = annotations + (block?.stringMap ?? []).map { ($0.key, $0.value) }
    guard let issuer = Self.issuer(tls), !written.contains(where: { $0.0 == issuer.0 }) else {
      return written
    }
    return written + [issuer]
  }

  private var wayPaths: [K8sWay.Path] {
    guard let list = ingress?.nonEmptyList("paths") else {
      return [K8sWay.Path(path: "/", type: "Prefix", port: ingressPort)]
    }
    return list.map { entry in
      let name = entry["portName"]?.string
      return K8sWay.Path(
        path: entry["path"]?.string ?? "/",
        type: entry["pathType"]?.string ?? "Prefix",
        port: name.map { name in servicePorts.first { $0.name == name } } ?? ingressPort
      )
    }
  }
}
