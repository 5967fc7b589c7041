/// What a new repository is for, and what its files begin with.
package enum StarterPlatform: String, Sendable, CaseIterable {
  case kubernetes, ecs

  package var kind: String {
    switch self {
    case .kubernetes: "MicroserviceKubernetes"
    case .ecs: "AwsEcsService"
    }
  }

  var apiVersion: String {
    switch self {
    case .kubernetes: "kubernetes.project-planton.org/v1"
    case .ecs: "aws.project-planton.org/v1"
    }
  }

  /// The fields that lead to variables and secrets.
  var environmentPath: [String] {
    switch self {
    case .kubernetes: ["spec", "container", "app", "env"]
    case .ecs: ["spec", "container", "env"]
    }
  }

  /// `spec` of the base.
  var spec: String {
    switch self {
    case .kubernetes:
      """
      spec:
        container:
          app:
            # The image comes with each deployment: --image repo:tag.
            env:
              variables:
                LOG_LEVEL: info
            ports:
              - name: http
                appProtocol: http
                networkProtocol: TCP
                servicePort: 80
                containerPort: 8080
            resources:
              requests:
                cpu: 50m
                memory: 100Mi
              limits:
                cpu: 500m
                memory: 500Mi
        availability:
          minReplicas: 1

      """
    case .ecs:
      """
      spec:
        # Replace region, account, cluster and subnets by yours.
        region: us-east-1
        clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
        container:
          # The image comes with each deployment: --image repo:tag.
          cpu: 256
          memory: 512
          replicas: 1
          env:
            variables:
              LOG_LEVEL: info
        network:
          subnets:
            - subnet-0123456789abcdef0

      """
    }
  }
}
