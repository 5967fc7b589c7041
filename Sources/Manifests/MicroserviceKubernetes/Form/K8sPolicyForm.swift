import StackModel
import YAMLTree

extension K8sService {
  var networkPolicyForm: JSONValue {
    guard let block = networkPolicy else { return .null }
    return [
      "name": .string(names.name),
      "ingress": block["ingress"].map { Self.list($0) { policyRuleForm($0, peers: "from") } }
        ?? standardIngress(block),
      "egress": egressForm(block),
    ]
  }

  private func policyRuleForm(_ rule: DecodingView, peers: String) -> JSONValue {
    [
      "peers": Self.list(rule[peers], Self.peerForm),
      "ports": Self.list(rule["ports"], policyPortForm),
    ]
  }

  private static func peerForm(_ peer: DecodingView) -> JSONValue {
    [
      "pod_labels": peer["podSelector"].map { .textMap(pairs($0)) } ?? .null,
      "namespace_labels": peer["namespaceSelector"].map { .textMap(pairs($0)) } ?? .null,
      "cidr": .optional(peer["cidr"]?.string),
      "except": .texts(peer["except"]?.strings ?? []),
    ]
  }

  /// Policies see the ports of pods: the Service's are gone by then.
  private func policyPortForm(_ view: DecodingView) -> JSONValue {
    let name = view["port"]?.string
    let port = name.flatMap { name in servicePorts.first { $0.name == name } }
    return Self.portForm(
      port?.number ?? view["port"]?.int,
      end: view["endPort"]?.int,
      view["protocol"]?.string ?? port?.transport ?? "TCP"
    )
  }

  private static func portForm(_ port: Int?, end: Int? = nil, _ transport: String) -> JSONValue {
    ["port": .optional(port), "end_port": .optional(end), "protocol": .string(transport)]
  }

  private static func rule(peers: [JSONValue], ports: [JSONValue]) -> JSONValue {
    ["peers": .array(peers), "ports": .array(ports)]
  }

  private static func peer(
    pods: JSONValue = .null,
    namespaces: JSONValue = .null
  ) -> JSONValue {
    ["pod_labels": pods, "namespace_labels": namespaces, "cidr": .null, "except": []]
  }

  /// The pods of the namespace, the ingress controller, and whoever a load balancer brings.
  private func standardIngress(_ block: DecodingView) -> JSONValue {
    var rules = [Self.rule(peers: [Self.peer(pods: [:])], ports: [])]
    if !ways.isEmpty {
      let controller = block["ingressControllerNamespace"]?.string
      rules.append(
        Self.rule(
          peers: controller.map {
            [Self.peer(namespaces: ["kubernetes.io/metadata.name": .string($0)])]
          } ?? [],
          ports: Self.each(ways.flatMap(\.paths).compactMap(\.port))
        )
      )
    }
    if !servicePorts.isEmpty, serviceType != "ClusterIP" {
      rules.append(Self.rule(peers: [], ports: Self.each(servicePorts)))
    }
    return .array(rules)
  }

  /// Container ports, each once.
  private static func each(_ ports: [K8sPort]) -> [JSONValue] {
    var forms: [JSONValue] = []
    for port in ports {
      let form = portForm(port.number, port.transport)
      if !forms.contains(form) { forms.append(form) }
    }
    return forms
  }

  private func egressForm(_ block: DecodingView) -> JSONValue {
    guard let rules = block["egress"]?.list else { return .null }
    var forms = rules.map { policyRuleForm($0, peers: "to") }
    if block["allowDns"]?.bool ?? true {
      forms.append(Self.rule(peers: [], ports: [Self.portForm(53, "UDP"), Self.portForm(53, "TCP")]))
    }
    return .array(forms)
  }
}
