/// Manifests of the tests, with this account's ids in them.
enum Manifests {
  /// A manifest of the fixtures with this account's ids in the place of invented ones.
  static func placed(_ text: String, in aws: LocalAWS) throws -> String {
    let subnets = try aws.subnets()
    let loadBalancers = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer"
    let key = "arn:aws:kms:us-east-1:123456789012:key"
    return [
      // The account is in one region; everything else follows from it.
      ("eu-central-1", try aws.id("region")),
      // The longer of two ids that begin alike comes first.
      ("subnet-0123456789abcdef0", subnets[0]), ("subnet-0fedcba9876543210", subnets[1]),
      ("subnet-01234567", subnets[0]), ("subnet-89abcdef", subnets[1]),
      ("sg-0123456789abcdef0", try aws.id("security_group_id")),
      ("vpc-0123456789abcdef0", try aws.id("vpc_id")),
      ("\(loadBalancers)/app/shared/0123456789abcdef", try aws.id("load_balancer_arn")),
      ("\(loadBalancers)/net/shared/fedcba9876543210", try aws.id("network_load_balancer_arn")),
      // The given load balancer listens on 80 and 443.
      ("listenerPort: 8443", "listenerPort: 443"),
      (
        "arn:aws:acm:us-east-1:123456789012:certificate/0f0e0d0c-0b0a-0908-0706-050403020100",
        try aws.id("certificate_arn")
      ),
      ("\(key)/00000000-0000-0000-0000-000000000001", try aws.id("kms_key_arn")),
      ("\(key)/0f0e0d0c-0b0a-0908-0706-050403020100", try aws.id("kms_key_arn")),
      ("fs-0123456789abcdef0", try aws.id("file_system_id")),
      ("fsap-0123456789abcdef0", try aws.id("access_point_id")),
      ("arn:aws:s3:::config-bucket/web.env", try aws.id("environment_file_arn")),
      (
        "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0f0e0d0c-0b0a-0908-0706-050403020100"
          + ":autoScalingGroupName/ecs", try aws.id("autoscaling_group_arn")
      ),
      (
        "arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-0123456789abcdef",
        try aws.id("namespace_arn")
      ),
      ("ns-0123456789abcdef", try aws.id("namespace_id")),
    ].reduce(text) { $0.replacing($1.0, with: $1.1) }
  }

  /// A service on Fargate with nothing around it: the quickest thing that is real.
  static func small(_ aws: LocalAWS, name: String = "small", extra: String = "") throws -> String {
    """
    apiVersion: aws.project-planton.org/v1
    kind: AwsEcsService
    metadata: {name: \(name), org: acme, env: test}
    spec:
      region: us-east-1
      clusterArn: \(try aws.id("cluster_arn"))
      container:
        image: {repo: shop/web, tag: "1.0"}
        replicas: 1
        cpu: 256
        memory: 512
      network:
        subnets: [\(try aws.subnets().joined(separator: ", "))]
        securityGroups: [\(try aws.id("security_group_id"))]
    \(extra.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n"))

    """
  }

  /// Fargate behind a load balancer of its own, autoscaled, with a secret.
  static func web(_ aws: LocalAWS) throws -> String {
    """
    apiVersion: aws.project-planton.org/v1
    kind: AwsEcsService
    metadata: {name: web, org: acme, env: test}
    spec:
      region: us-east-1
      clusterArn: \(try aws.id("cluster_arn"))
      container:
        image: {repo: shop/web, tag: "1.0"}
        port: 8080
        replicas: 2
        cpu: 256
        memory: 512
        env:
          variables: {LOG_LEVEL: info}
          secrets:
            SESSION_KEY: {env: SESSION_KEY}
            DATABASE_PASSWORD: planted-literal-9f2c
      network:
        subnets: [\(try aws.subnets().joined(separator: ", "))]
        assignPublicIp: true
      alb:
        enabled: true
        create: {scheme: internet-facing}
        routingType: path
        path: /*
        listenerPort: 80
        healthCheck: {path: /healthz}
      autoscaling:
        enabled: true
        minTasks: 2
        maxTasks: 6
        targetCpuPercent: 60
        requestsPerTarget: 500

    """
  }
}
