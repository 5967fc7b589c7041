import YAMLTree

/// A port that a container listens on.
struct K8sPort: Sendable {
  let view: DecodingView
  /// A sidecar's port may have none.
  let name: String?
  let number: Int
  /// `TCP`, `UDP` or `SCTP`.
  let transport: String
  let appProtocol: String?
  /// As written.
  let givenServicePort: Int?
  let isIngressPort: Bool
  let container: String

  init(_ view: DecodingView, container: String) {
    self.view = view
    self.container = container
    name = view["name"]?.string
    number = view["containerPort"]?.int ?? 0
    transport = view["networkProtocol"]?.string ?? view["protocol"]?.string ?? "TCP"
    appProtocol = view["appProtocol"]?.string
    givenServicePort = view["servicePort"]?.int
    isIngressPort = view["isIngressPort"]?.bool ?? false
  }

  var servicePort: Int { givenServicePort ?? number }
  var isTCP: Bool { transport == "TCP" }
  /// In a message.
  var title: String { name ?? String(number) }
}
