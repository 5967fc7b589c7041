/// The services of AWS that we ask.
package enum AWSService: String, Sendable, CaseIterable {
  case ecs
  case applicationAutoScaling = "application-autoscaling"
  case elasticLoadBalancing = "elasticloadbalancing"
  case sts
  case secretsManager = "secretsmanager"
  case ssm

  /// What stands behind `AWS_ENDPOINT_URL_`.
  var variable: String {
    switch self {
    case .ecs: "ECS"
    case .applicationAutoScaling: "APPLICATION_AUTO_SCALING"
    case .elasticLoadBalancing: "ELASTIC_LOAD_BALANCING_V2"
    case .sts: "STS"
    case .secretsManager: "SECRETS_MANAGER"
    case .ssm: "SSM"
    }
  }
}

extension AWSService {
  /// What stands before the name of an action, for services that speak JSON.
  var target: String {
    switch self {
    case .ecs: "AmazonEC2ContainerServiceV20141113"
    case .secretsManager: "secretsmanager"
    case .ssm: "AmazonSSM"
    case .applicationAutoScaling, .elasticLoadBalancing, .sts: "AnyScaleFrontendService"
    }
  }
}

/// Where each service is asked.
package struct AWSEndpoints: Sendable {
  package let region: String
  private let environment: [String: String]

  package init(region: String, environment: [String: String]) {
    self.region = region
    self.environment = environment
  }

  package func url(_ service: AWSService) throws(PlatformFailure) -> String {
    func isOn(_ name: String) -> Bool { environment[name]?.lowercased() == "true" }
    if !isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
      let named = environment["AWS_ENDPOINT_URL_\(service.variable)"] ?? environment["AWS_ENDPOINT_URL"],
      !named.isEmpty
    {
      return named.hasSuffix("/") ? named : "\(named)/"
    }
    for name in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] where isOn(name) {
      // To go elsewhere than asked for would be worse than not to go.
      throw PlatformFailure(
        .refused,
        "\(name) is set, and stackjob does not know the addresses of those endpoints",
        hint: "name it: AWS_ENDPOINT_URL_\(service.variable)"
      )
    }
    let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    return "https://\(service.rawValue).\(region).\(suffix)/"
  }
}
