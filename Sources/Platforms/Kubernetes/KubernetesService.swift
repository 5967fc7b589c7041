package import StackModel

/// The names by which a service of the kind `MicroserviceKubernetes` is found in its cluster.
package struct KubernetesService: Sendable, Hashable {
  package struct Label: Sendable, Hashable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  package var namespace: String
  package var deployment: String
  /// The labels of its pods.
  package var selector: [Label]
  package var autoscaler: String?
  package var service: String?
  package var ingresses: [String]
  /// HTTPRoutes of the Gateway API.
  package var routes: [String]

  package init(
    namespace: String,
    deployment: String,
    selector: [Label],
    autoscaler: String? = nil,
    service: String? = nil,
    ingresses: [String] = [],
    routes: [String] = []
  ) {
    self.namespace = namespace
    self.deployment = deployment
    self.selector = selector
    self.autoscaler = autoscaler
    self.service = service
    self.ingresses = ingresses
    self.routes = routes
  }

  /// From the values of the kind's normal form; nil for values of another shape.
  package init?(normalForm values: JSONValue) {
    guard let namespace = values["namespace"]?["name"]?.string,
      let deployment = values["deployment"]?["name"]?.string,
      let selector = values["selector"]?.object, !selector.isEmpty
    else { return nil }
    func names(_ key: String) -> [String] {
      (values[key]?.object ?? [:]).compactMap { $0.value["name"]?.string }
    }
    self.init(
      namespace: namespace,
      deployment: deployment,
      selector: selector.compactMap { key, value in value.string.map { Label(key: key, value: $0) } },
      autoscaler: values["autoscaling"]?["name"]?.string,
      service: values["service"]?["name"]?.string,
      ingresses: names("ingresses"),
      routes: names("routes")
    )
  }
}
