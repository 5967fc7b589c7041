/// What the ARN in a field has to look like.
struct ARNForm: Sendable {
  /// As a sentence says it: "an ECS cluster".
  var what: String
  var expected: String
  var matches: @Sendable (ARN) -> Bool

  private init(_ what: String, _ expected: String, _ matches: @escaping @Sendable (ARN) -> Bool) {
    self.what = what
    self.expected = expected
    self.matches = matches
  }

  private static let partition = "arn:<partition>:"
  private static let owner = "<region>:<account>:"

  static let cluster = ARNForm("an ECS cluster", "\(partition)ecs:\(owner)cluster/<name>") {
    $0.service == "ecs" && $0.isRegional && $0.resource(after: "cluster/")?.contains("/") == false
  }

  static let applicationLoadBalancer = loadBalancer("an Application Load Balancer", "app")
  static let networkLoadBalancer = loadBalancer("a Network Load Balancer", "net")

  private static func loadBalancer(_ what: String, _ type: String) -> ARNForm {
    ARNForm(what, "\(partition)elasticloadbalancing:\(owner)loadbalancer/\(type)/<name>/<id>") {
      let parts = $0.resource(after: "loadbalancer/\(type)/")?.split(separator: "/")
      return $0.service == "elasticloadbalancing" && $0.isRegional && parts?.count == 2
    }
  }

  static let certificate = ARNForm("a certificate", "\(partition)acm:\(owner)certificate/<id>") {
    $0.service == "acm" && $0.isRegional && $0.resource(after: "certificate/") != nil
      || $0.service == "iam" && $0.region.isEmpty && $0.hasAccount
        && $0.resource(after: "server-certificate/") != nil
  }

  static let role = ARNForm("an IAM role", "\(partition)iam::<account>:role/<path and name>") {
    $0.service == "iam" && $0.region.isEmpty && $0.hasAccount && $0.resource(after: "role/") != nil
  }

  static let policy = ARNForm("an IAM policy", "\(partition)iam::<account or aws>:policy/<path and name>") {
    $0.service == "iam" && $0.region.isEmpty && ($0.hasAccount || $0.account == "aws")
      && $0.resource(after: "policy/") != nil
  }

  /// An alias does not do: IAM policies are matched against the key's own ARN.
  static let key = ARNForm("a KMS key", "\(partition)kms:\(owner)key/<id>; an alias does not do in a policy")
  {
    $0.service == "kms" && $0.isRegional && $0.resource(after: "key/") != nil
  }

  static let autoScalingGroup = ARNForm(
    "an Auto Scaling group",
    "\(partition)autoscaling:\(owner)autoScalingGroup:<id>:autoScalingGroupName/<name>"
  ) {
    let parts = $0.resource.split(separator: ":")
    return $0.service == "autoscaling" && $0.isRegional && parts.count == 3 && parts[0] == "autoScalingGroup"
      && parts[2].hasPrefix("autoScalingGroupName/")
  }

  static let environmentFile = ARNForm("an environment file in S3", "\(partition)s3:::<bucket>/<key>.env") {
    $0.service == "s3" && $0.region.isEmpty && $0.account.isEmpty && $0.resource.contains("/")
      && $0.resource.hasSuffix(".env")
  }

  static let secret = ARNForm("a Secrets Manager secret", "\(partition)secretsmanager:\(owner)secret:<id>") {
    $0.service == "secretsmanager" && $0.isRegional && $0.resource(after: "secret:")?.contains(":") == false
  }

  static let namespace = ARNForm(
    "a Cloud Map namespace",
    "\(partition)servicediscovery:\(owner)namespace/<id>"
  ) {
    $0.service == "servicediscovery" && $0.isRegional && $0.resource(after: "namespace/") != nil
  }
}
