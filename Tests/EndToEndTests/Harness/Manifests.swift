/// Manifests of the tests, with this account's ids in them.
enum Manifests {
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
