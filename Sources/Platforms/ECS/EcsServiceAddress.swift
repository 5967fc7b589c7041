package import StackModel

/// The names by which a service of the kind `AwsEcsService` is found in its account.
package struct EcsServiceAddress: Sendable, Hashable {
  /// How the parts of a URL stand around a host.
  package struct URLForm: Sendable, Hashable {
    package var prefix: String
    /// Nil for the load balancer's own name.
    package var host: String?
    package var suffix: String
  }

  /// Nil when the environment decides.
  package var region: String?
  /// An ARN or a name.
  package var cluster: String
  package var clusterName: String
  package var name: String
  package var isAutoscaled: Bool
  package var url: URLForm?
  /// What other services find it by.
  package var discoveryName: String?

  package init(
    region: String?,
    cluster: String,
    clusterName: String,
    name: String,
    isAutoscaled: Bool = false,
    url: URLForm? = nil,
    discoveryName: String? = nil
  ) {
    self.region = region
    self.cluster = cluster
    self.clusterName = clusterName
    self.name = name
    self.isAutoscaled = isAutoscaled
    self.url = url
    self.discoveryName = discoveryName
  }

  /// From the values of the kind's normal form; nil for values of another shape.
  package init?(normalForm values: JSONValue) {
    guard let clusterName = values["cluster"]?["name"]?.string, let name = values["service"]?["name"]?.string
    else { return nil }
    self.init(
      region: values["region"]?.string,
      cluster: values["cluster"]?["arn"]?.string ?? clusterName,
      clusterName: clusterName,
      name: name,
      isAutoscaled: values["autoscaling"]?.object != nil,
      url: values["alb"]?["url"].flatMap { url in
        guard let prefix = url["prefix"]?.string, let suffix = url["suffix"]?.string else { return nil }
        return URLForm(prefix: prefix, host: url["host"]?.string, suffix: suffix)
      },
      discoveryName: values["service"]?["discovery_name"]?.string
    )
  }
}
