import YAMLTree

/// A port that a container listens on.
struct EcsPort: Sendable {
  let view: DecodingView
  let name: String?
  let containerPort: Int
  /// As given; nil when it is not.
  let givenHostPort: Int?
  /// `tcp` or `udp`.
  let transport: String
  let appProtocol: String?

  init(_ view: DecodingView) {
    self.view = view
    name = view["name"]?.string
    // The short form is the number itself.
    containerPort = view.int ?? view["containerPort"]?.int ?? 0
    givenHostPort = view["hostPort"]?.int
    transport = view["protocol"]?.string ?? "tcp"
    appProtocol = view["appProtocol"]?.string
  }

  /// 0 lets Docker choose.
  func hostPort(in mode: NetworkMode) -> Int { mode.sharesPorts ? containerPort : givenHostPort ?? 0 }
}

/// How a task's containers are on the network.
enum NetworkMode: String, Sendable {
  case awsvpc, bridge, host, none

  /// Whether containers have the ports of one network interface between them.
  var sharesPorts: Bool { self == .awsvpc || self == .host }
}

/// What runs the tasks.
enum LaunchType: String, Sendable {
  case fargate = "FARGATE"
  case ec2 = "EC2"
  case external = "EXTERNAL"
}
