import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkIngress() {
    guard let block = service.ingress else { return }
    checkHosts(block)
    checkIngressPort(block)
    checkPaths(block)
    let blocks = [block["tls"], service.internalIngress?["tls"]].compactMap(\.self)
    for tls in blocks { checkTLS(tls) }
    checkGateways(block)
  }

  /// `k8s.ingress.host` and `k8s.ingress.host.form`
  private mutating func checkHosts(_ block: DecodingView) {
    let domain = block["dnsDomain"] ?? block["endpointDomainName"]
    switch (domain, block["hostname"]) {
    case (nil, nil):
      error(
        "k8s.ingress.host",
        block,
        field: "dnsDomain",
        "ingress needs a host",
        hint: "set `dnsDomain` or `hostname`"
      )
    case (let view?, .some):
      error(
        "k8s.ingress.host",
        view,
        "`hostname` is the whole host name, and `dnsDomain` is for one made of the service's name",
        hint: "keep one of them"
      )
    default: break
    }
    var given: [(view: DecodingView, mayBeWild: Bool)] = []
    given += [domain, block["hostname"], service.internalIngress?["hostname"]].compactMap(\.self)
      .map { ($0, false) }
    given += (block["additionalHostnames"]?.list ?? []).map { ($0, true) }
    var isLegal = true
    for (view, mayBeWild) in given {
      guard let text = view.string, !Self.isHost(text, mayBeWild: mayBeWild) else { continue }
      isLegal = false
      error(
        "k8s.ingress.host.form",
        view,
        "`\(text)` is not a host name",
        hint: "lower case, with a dot; no scheme, no path, no port"
      )
    }
    guard isLegal else { return }
    checkRepeatedHosts(block)
  }

  private mutating func checkRepeatedHosts(_ block: DecodingView) {
    var seen: Set<String> = []
    for way in service.ways {
      for (index, host) in way.hosts.enumerated() where !seen.insert(host).inserted {
        let view =
          way.key == .internal
          ? service.internalIngress?["hostname"] ?? block
          : index == 0 ? block : block["additionalHostnames"]?[index - 1] ?? block
        error("k8s.ingress.host.form", view, "the host `\(host)` is there already")
      }
      // A derived host may be too long where its parts are not.
      if let host = way.hosts.first, !Self.isHost(host, mayBeWild: false), !host.isEmpty,
        service.names.name.isServiceName
      {
        error("k8s.ingress.host.form", block, "`\(host)` is not a host name")
      }
    }
  }

  private static func isHost(_ text: String, mayBeWild: Bool) -> Bool {
    let name = mayBeWild && text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
    return name.isDNSName && name.contains(".")
  }

  /// `k8s.ingress.port` and `k8s.ingress.port.several`
  private mutating func checkIngressPort(_ block: DecodingView) {
    let ports = service.main?.ports ?? []
    let marked = ports.filter(\.isIngressPort)
    if marked.count > 1 {
      error(
        "k8s.ingress.port.several",
        marked[1].view["isIngressPort"] ?? marked[1].view,
        "both `\(marked[0].title)` and `\(marked[1].title)` are marked",
        hint: "keep one, and lead to the other by `ingress.paths`"
      )
      return
    }
    if let port = marked.first, !port.isTCP {
      error(
        "k8s.ingress.port",
        port.view["isIngressPort"] ?? port.view,
        "an ingress leads to a TCP port, and `\(port.title)` is \(port.transport)"
      )
      return
    }
    guard service.ingressPort == nil else { return }
    let paths = block.nonEmptyList("paths")
    if let paths, paths.allSatisfy({ $0["portName"] != nil }) { return }
    let names = ports.filter(\.isTCP).map { "`\($0.title)`" }
    error(
      "k8s.ingress.port",
      block,
      names.isEmpty
        ? "ingress needs a port to lead to, and the main container has no TCP port"
        : "there are ports \(Self.listed(names))",
      hint: names.isEmpty ? "set `spec.container.app.ports`" : "mark one with `isIngressPort: true`"
    )
  }

  private static func listed(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }

  private struct PathKey: Hashable {
    var path: String
    var type: String
  }

  /// `k8s.ingress.path`
  private mutating func checkPaths(_ block: DecodingView) {
    let entries = block["paths"]?.list ?? []
    let ports = service.servicePorts
    for entry in entries {
      if let view = entry["path"], let path = view.string, !path.hasPrefix("/") {
        error("k8s.ingress.path", view, "a path begins with `/`", hint: "write `/\(path)`")
      }
      guard let view = entry["portName"], let name = view.string else { continue }
      if let port = ports.first(where: { $0.name == name }) {
        if !port.isTCP {
          error("k8s.ingress.path", view, "an ingress leads to TCP ports, and `\(name)` is \(port.transport)")
        }
      } else {
        error(
          "k8s.ingress.path",
          view,
          "the service has no port `\(name)`",
          hint: Self.nearest(name, ports.compactMap(\.name))
        )
      }
    }
    let keys = entries.map { entry in
      let key = PathKey(
        path: entry["path"]?.string ?? "/",
        type: entry["pathType"]?.string ?? "Prefix"
      )
      return (key, entry["path"] ?? entry)
    }
    checkUnique("k8s.ingress.path", keys) { "the path `\($0.path)` with type \($0.type) is there already" }
  }

  /// `k8s.ingress.tls`
  private mutating func checkTLS(_ tls: DecodingView) {
    guard tls["enabled"]?.bool ?? true else { return }
    if let view = tls["issuer"], tls["clusterIssuer"] != nil {
      error(
        "k8s.ingress.tls",
        view,
        "a certificate is from `issuer` or `clusterIssuer`, not from both",
        hint: "keep one of them"
      )
    }
    if let view = tls["secretName"], let name = view.string, !name.isDNSName {
      error("k8s.ingress.tls", view, "`\(name)` is not the name of a Secret: a DNS name")
    }
  }

  /// `k8s.ingress.gateway` and `k8s.ingress.internal.gateway`
  private mutating func checkGateways(_ block: DecodingView) {
    let within = service.internalIngress
    for owner in [block, within].compactMap(\.self) {
      guard let gateway = owner["gateway"] else { continue }
      checkGateway(gateway, beside: owner)
    }
    if block["gateway"] != nil || within?["gateway"] != nil {
      for entry in block["paths"]?.list ?? [] {
        guard let view = entry["pathType"], view.string == "ImplementationSpecific" else { continue }
        error(
          "k8s.ingress.gateway",
          view,
          "routes know no path of type ImplementationSpecific",
          hint: "use Prefix or Exact"
        )
      }
    }
    guard let external = block["gateway"], service.ways.contains(where: { $0.key == .internal }) else {
      return
    }
    func parts(_ gateway: DecodingView) -> [String?] {
      ["name", "namespace", "sectionName"].map { gateway[$0]?.string }
    }
    if let own = within?["gateway"] {
      guard parts(own) == parts(external) else { return }
      error(
        "k8s.ingress.internal.gateway",
        own,
        "the same Gateway would let everybody in",
        hint: "name another Gateway, or another `sectionName`"
      )
    } else {
      error(
        "k8s.ingress.internal.gateway",
        within ?? block,
        field: within == nil ? "internal.gateway" : "gateway",
        "the internal way in needs a Gateway of its own",
        hint: "set `spec.ingress.internal.gateway`"
      )
    }
  }

  private mutating func checkGateway(_ gateway: DecodingView, beside owner: DecodingView) {
    for field in ["className", "annotations", "tls"] {
      guard let view = owner[field] else { continue }
      error(
        "k8s.ingress.gateway",
        view,
        "`\(field)` is an Ingress's; with `gateway` there is a route instead",
        hint: "the Gateway's listener has these"
      )
    }
    for field in ["name", "namespace", "sectionName", "httpSectionName"] {
      guard let view = gateway[field], let text = view.string else { continue }
      let isLegal = field == "namespace" ? text.isDNSLabel : text.isDNSName
      if !isLegal { error("k8s.ingress.gateway", view, "`\(text)` is not a DNS name") }
    }
  }

  /// `k8s.ingress.internal.class` and `k8s.ingress.grpc`
  mutating func checkWays() {
    let ways = service.ways.filter { !$0.isRoute }
    guard let block = service.ingress else { return }
    if ways.count == 2, ways[0].className == nil || ways[0].className == ways[1].className {
      warning(
        "k8s.ingress.internal.class",
        service.internalIngress ?? block,
        field: "className",
        "the same controller would let everybody in",
        hint: "give `className` here and in `spec.ingress`"
      )
    }
    let key = "nginx.ingress.kubernetes.io/backend-protocol"
    for way in ways where way.paths.contains(where: { $0.port?.appProtocol == "grpc" }) {
      guard way.className?.contains("nginx") == true, !way.annotations.contains(where: { $0.0 == key })
      else { continue }
      warning(
        "k8s.ingress.grpc",
        (way.key == .internal ? service.internalIngress?["className"] : nil) ?? block["className"] ?? block,
        "nginx speaks HTTP/1.1 to the pods",
        hint: "add the annotation `\(key): GRPC`"
      )
    }
  }
}
