import StackModel
import YAMLTree

/// What Application and Network Load Balancers have in common.
extension EcsService {
  /// A created load balancer, without what only one type has.
  func createdLoadBalancer(_ block: DecodingView, name: String, group: String) -> JSONObject {
    let groups = block.values("securityGroups")
    let isInternal = block["scheme"]?.string == "internal"
    let isDualstack = block["ipAddressType"]?.string == "dualstack"
    let ownSubnets = block.values("subnets")
    return JSONObject([
      ("name", .string(block["name"]?.string ?? EcsNames.short(name, 32))),
      ("internal", .bool(isInternal)),
      ("subnets", .texts(ownSubnets.isEmpty ? subnets : ownSubnets)),
      ("security_groups", .texts(groups)),
      (
        "security_group",
        groups.isEmpty
          ? Self.securityGroup(block, named: group, isInternal: isInternal, isDualstack: isDualstack) : .null
      ),
      ("ip_address_type", .string(isDualstack ? "dualstack" : "ipv4")),
      ("deletion_protection", .bool(block["deletionProtection"]?.bool ?? false)),
      ("access_logs", Self.accessLogs(block["accessLogs"])),
    ])
  }

  private static let privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]

  private static func securityGroup(
    _ block: DecodingView,
    named name: String,
    isInternal: Bool,
    isDualstack: Bool
  ) -> JSONValue {
    let everyone = isDualstack ? ["0.0.0.0/0", "::/0"] : ["0.0.0.0/0"]
    let ranges = block["ingressCidrs"]?.strings ?? (isInternal ? privateNetworks : everyone)
    return [
      "name": .string(name),
      "ingress_ipv4_cidrs": .texts(ranges.filter { !$0.contains(":") }),
      "ingress_ipv6_cidrs": .texts(ranges.filter { $0.contains(":") }),
    ]
  }

  private static func accessLogs(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    return ["bucket": .optional(block.value("bucket")), "prefix": .optional(block["prefix"]?.string)]
  }

  /// `ip` where tasks have addresses of their own.
  var targetType: String { isAwsvpc ? "ip" : "instance" }
}

/// How a load balancer asks a task whether it is well. A number of 0 counts as absent.
struct EcsTargetHealthCheck {
  var view: DecodingView?
  var healthProtocol: String
  var path: String?
  var port: String
  var matcher: String?
  var interval: Int
  var timeout: Int
  var healthyThreshold: Int
  var unhealthyThreshold: Int

  private init(_ view: DecodingView?, _ healthProtocol: String, path: String?, matcher: String?, timeout: Int)
  {
    func number(_ key: String, _ fallback: Int) -> Int {
      let value = view?[key]?.int ?? 0
      return value == 0 ? fallback : value
    }
    self.view = view
    self.healthProtocol = healthProtocol
    self.path = path
    self.matcher = matcher
    let portView = view?["port"]
    port = portView?.int.map(String.init) ?? portView?.string ?? "traffic-port"
    interval = number("interval", 30)
    self.timeout = number("timeout", timeout)
    healthyThreshold = number("healthyThreshold", 3)
    unhealthyThreshold = number("unhealthyThreshold", 3)
  }

  /// An Application Load Balancer checks by HTTP.
  init(alb: DecodingView) {
    let view = alb["healthCheck"]
    let isGRPC = alb["targetProtocolVersion"]?.string == "GRPC"
    self.init(
      view,
      view?["protocol"]?.string ?? alb["targetProtocol"]?.string ?? "HTTP",
      path: view?["path"]?.string ?? (isGRPC ? "/AWS.ALB/healthcheck" : "/"),
      matcher: view?["matcher"]?.string ?? (isGRPC ? "12" : "200"),
      timeout: 5
    )
  }

  /// A Network Load Balancer connects, unless it is told to ask by HTTP.
  init(nlbListener listener: DecodingView) {
    let view = listener["healthCheck"]
    let name = view?["protocol"]?.string ?? "TCP"
    let isHTTP = name != "TCP"
    self.init(
      view,
      name,
      path: isHTTP ? view?["path"]?.string ?? "/" : nil,
      matcher: isHTTP ? view?["matcher"]?.string ?? "200-399" : nil,
      timeout: isHTTP ? 6 : 10
    )
  }

  var form: JSONValue {
    [
      "protocol": .string(healthProtocol),
      "path": .optional(path),
      "port": .string(port),
      "matcher": .optional(matcher),
      "interval_seconds": .int(interval),
      "timeout_seconds": .int(timeout),
      "healthy_threshold": .int(healthyThreshold),
      "unhealthy_threshold": .int(unhealthyThreshold),
    ]
  }
}
