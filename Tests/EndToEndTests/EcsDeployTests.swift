import LocalFiles
import StackModel
import Testing
import ToolProcess

/// The example of a service on ECS on its way to three environments of a local AWS.
@Suite(.needsTools, .needsKubectl, .timeLimit(.minutes(20))) struct EcsDeployTests {
  /// The example with the account's cluster and subnets in the place of those it asks to replace. The account has one
  /// region, so the second one has the first one's name here.
  private func service(_ aws: LocalAWS, in stackjob: Product) async throws -> String {
    let cluster = try aws.id("cluster_arn")
    let subnets = try aws.subnets()
    let edits = [
      "s|arn:aws:ecs:.*:cluster/main|\(cluster)|", "s|subnet-0123456789abcdef0|\(subnets[0])|",
      "s|subnet-0fedcba9876543210|\(subnets[1])|", "s|region: eu-central-1|region: us-east-1|",
    ]
    expect(
      try await stackjob.shell(
        """
        cp -r \(Project.root)/examples/ecs-service-repository shop &&
          find shop -name service.yaml -exec sed -i \(edits.map { "-e '\($0)'" }.joined(separator: " ")) {} +
        """
      ),
      .done
    )
    return "\(stackjob.folder)/shop"
  }

  private func tasks(_ run: JSONValue) -> [String] {
    (run["tasks"]?.array ?? []).map { task in
      let word =
        task["unchanged"] == true ? "unchanged" : task["result"]?.string ?? task["status"]?.string ?? "?"
      return "\(task["task"]?.string ?? "?") \(word)"
    }
  }

  @Test func `main goes to staging, waits before production, and is not deployed twice`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let shop = try await service(aws, in: stackjob)
        let inputs = [
          shop, "--branch", "main", "--image", "shop/web:1.0", "--references",
          "\(shop)/references/groups.yaml",
        ]
        let plan = try await stackjob.run(["deploy"] + inputs + ["--plan", "--output", "markdown"])
        expect(plan, .done)
        for environment in ["staging", "shop-prod", "shop-prod-eu-central-1"] {
          #expect(plan.stdout.contains("### `acme/\(environment)/AwsEcsService/shop`: "))
        }
        #expect(try aws.left() == [:])

        let first = try await stackjob.run(["deploy"] + inputs + ["--auto-approve", "--output", "json"])
        expect(first, .awaitingApproval)
        #expect(
          tasks(try first.document()) == [
            "staging succeeded", "prod awaiting_approval", "eu-central-1 queued",
          ]
        )
        let approved = try await stackjob("approve", "last", "--resume", "--output", "json")
        expect(approved, .done)
        #expect(
          tasks(try approved.document()) == ["staging succeeded", "prod succeeded", "eu-central-1 succeeded"]
        )
        let again = try await stackjob.run(["deploy"] + inputs + ["--auto-approve", "--output", "json"])
        expect(again, .done)
        #expect(tasks(try again.document()).allSatisfy { $0.hasSuffix(" unchanged") })

        let secrets = try stackjob.everything().filter { $0.path.contains("/runs/") }
        #expect(secrets.allSatisfy { $0.bytes.firstRange(of: Array("example-password".utf8)) == nil })
        for overlay in ["staging", "prod", "eu-central-1"] {
          expect(
            try await stackjob.shell(
              """
              kubectl kustomize \(shop)/_kustomize/overlays/\(overlay) |
                "$0" destroy - --image shop/web:1.0 --auto-approve
              """
            ),
            .done
          )
        }
        #expect(try aws.left() == [:])
      }
    }
  }
}
