import StackModel
import Testing

@Suite(.needsTools, .timeLimit(.minutes(20))) struct InstancesServiceTests {
  @Test func `a service on instances brings its capacity provider and takes it away again`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file(
          "service.yaml",
          """
          apiVersion: aws.planton.dev/v1
          kind: AwsEcsService
          metadata: {name: batch, org: acme, env: test}
          spec:
            region: us-east-1
            launchType: EC2
            cluster:
              create: true
              name: batch-cluster
              ec2CapacityProvider:
                autoScalingGroupArn: \(try aws.id("autoscaling_group_arn"))
            container:
              image: {repo: shop/batch, tag: "1.0"}
              replicas: 1
              cpu: 256
              memory: 512
            placement:
              strategies: [{type: spread, field: "attribute:ecs.availability-zone"}]
            network:
              subnets: [\(try aws.subnets().joined(separator: ", "))]
              securityGroups: [\(try aws.id("security_group_id"))]

          """
        )
        let apply = try await stackjob("apply", manifest, "--auto-approve", "--output", "json")
        expect(apply, .done)
        let service = try #require(try aws.service("batch", cluster: "batch-cluster"))
        #expect(service["capacityProviderStrategy"]?.array?.count == 1)
        let again = try await stackjob("plan", manifest, "--detailed-exitcode", "--output", "json")
        expect(again, .done)
        expect(try await stackjob("destroy", manifest, "--auto-approve"), .done)
        #expect(try aws.left() == [:])
      }
    }
  }
}
