import StackModel

/// Where a service in a cluster can be reached.
enum KubernetesEndpoints {
  static func service(_ service: JSONValue) -> [ServiceStatus.Endpoint] {
    let (metadata, spec) = (service["metadata"], service["spec"])
    let host =
      "\(metadata?["name"]?.string ?? "?").\(metadata?["namespace"]?.string ?? "?").svc.cluster.local"
    let ports = (spec?["ports"]?.array ?? []).compactMap { $0["port"]?.int }
    var endpoints = ports.map { ServiceStatus.Endpoint(kind: "service", address: "\(host):\($0)") }
    guard spec?["type"] == "LoadBalancer" else { return endpoints }
    let addresses = loadBalancer(service)
    endpoints += addresses.flatMap { address in
      ports.map { ServiceStatus.Endpoint(kind: "load balancer", address: "\(address):\($0)") }
    }
    if addresses.isEmpty {
      endpoints.append(
        ServiceStatus.Endpoint(kind: "load balancer", address: "pending", details: ["it has no address yet"])
      )
    }
    return endpoints
  }

  static func ingress(_ ingress: JSONValue) -> [ServiceStatus.Endpoint] {
    let secure = Set(
      (ingress["spec"]?["tls"]?.array ?? []).flatMap { $0["hosts"]?.array ?? [] }.compactMap(\.string)
    )
    let addresses = loadBalancer(ingress)
    let details = addresses.isEmpty ? ["the ingress has no address yet"] : addresses
    return (ingress["spec"]?["rules"]?.array ?? []).compactMap { $0["host"]?.string }.map { host in
      ServiceStatus.Endpoint(
        kind: "ingress",
        address: "\(secure.contains(host) ? "https" : "http")://\(host)/",
        details: details
      )
    }
  }

  /// An HTTPRoute of the Gateway API: whether a host is served by TLS is its Gateway's to know.
  static func route(_ route: JSONValue) -> [ServiceStatus.Endpoint] {
    let parents = route["status"]?["parents"]?.array ?? []
    var details = parents.flatMap { parent -> [String] in
      (parent["conditions"]?.array ?? [])
        .filter { $0["status"] == "False" }
        .map { [$0["reason"]?.string, $0["message"]?.string].compactMap { $0 }.joined(separator: ": ") }
    }
    if parents.isEmpty { details.append("no Gateway has taken the route yet") }
    return (route["spec"]?["hostnames"]?.array ?? []).compactMap(\.string).map { host in
      ServiceStatus.Endpoint(kind: "route", address: host, details: details)
    }
  }

  private static func loadBalancer(_ object: JSONValue) -> [String] {
    (object["status"]?["loadBalancer"]?["ingress"]?.array ?? []).compactMap {
      $0["hostname"]?.string ?? $0["ip"]?.string
    }
  }
}
