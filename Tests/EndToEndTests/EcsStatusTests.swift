import LocalFiles
import StackModel
import Testing
import ToolProcess

/// `stackjob status` against the local AWS.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct EcsStatusTests {
  @Test func `a service is asked about before, while and after it is rolled out`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment.merging(["SESSION_KEY": "k"]) { $1 }) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.web(aws))
        let absent = try await stackjob("status", manifest)
        expect(absent, .badData)
        #expect(absent.stderr.contains("there is no ECS service web in the cluster"))

        expect(try await stackjob("apply", manifest, "--auto-approve"), .done)
        let healthy = try await stackjob("status", manifest, "--output", "json")
        expect(healthy, .done)
        let document = try healthy.document()
        #expect(document["health"] == "healthy")
        #expect(document["rollout"]?["state"] == "complete")
        #expect(document["rollout"]?["revision"] == "web-test:1")
        #expect(document["replicas"] == ["desired": 2, "running": 2, "ready": nil])
        #expect(document["autoscaling"]?["minimum"] == 2)
        #expect(document["autoscaling"]?["maximum"] == 6)
        let targets = document["autoscaling"]?["targets"]?.array?.compactMap { $0["name"]?.string }
        #expect(Set(targets ?? []) == ["cpu", "requests per target"])
        let endpoint = try #require(document["endpoints"]?[0])
        #expect(endpoint["kind"] == "load balancer")
        #expect(
          endpoint["address"]?.string?.hasPrefix("http://web-test-1.us-east-1.elb.amazonaws.com/") == true
        )
        #expect(document["notes"] == [])

        // The next deployment takes a moment, and the watch sees both.
        try aws.rollout(["seconds": 8, "outcome": "completed"])
        let definition = document["rollout"]?["revision"] ?? .null
        _ = try aws.ecs(
          "UpdateService",
          ["cluster": .string(try aws.id("cluster_arn")), "service": "web", "taskDefinition": definition]
        )
        let watched = try await stackjob("status", manifest, "--until-ready", "--output", "json")
        expect(watched, .done)
        let seen = try watched.stdout.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(seen.first?["health"] == "progressing")
        #expect(seen.last?["health"] == "healthy")

        try aws.rollout(["seconds": 0, "outcome": "failed"])
        _ = try aws.ecs(
          "UpdateService",
          ["cluster": .string(try aws.id("cluster_arn")), "service": "web", "taskDefinition": definition]
        )
        let failed = try await stackjob("status", manifest)
        expect(failed, .failed)
        #expect(failed.stdout.contains("✗ failed"))
        #expect(failed.stdout.contains("rolled back: 2 of 2 updated"))
      }
    }
  }

  @Test func `credentials come from a profile, and a refusal is told as one`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        let config = try stackjob.file(
          "config",
          """
          [profile tool]
          credential_process = echo '{"AccessKeyId":"testing","SecretAccessKey":"testing"}'

          """
        )
        let byProfile = [
          "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONFIG_FILE": config,
          "AWS_PROFILE": "tool",
        ]
        let answered = try await stackjob("status", manifest, environment: byProfile)
        // There were credentials, or there would be no answer.
        expect(answered, .badData)
        #expect(answered.stderr.contains("status.absent"))

        let none = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
        let missing = try await stackjob("status", manifest, environment: none)
        expect(missing, .credentials)
        #expect(missing.stderr.contains("there are no AWS credentials"))

        try aws.rule([
          "action": "DescribeServices",
          "error": ["code": "UnrecognizedClientException", "message": "The security token is invalid"],
        ])
        let refused = try await stackjob("status", manifest)
        expect(refused, .credentials)
        #expect(refused.stderr.contains("UnrecognizedClientException"))

        let away = try await stackjob(
          "status",
          manifest,
          environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:1"]
        )
        expect(away, .unavailable)
      }
    }
  }

  @Test func `a kind that nobody knows where to look for is refused`() async throws {
    try await Product.run { stackjob in
      let manifest = try stackjob.file(
        "service.yaml",
        "apiVersion: example.org/v1\nkind: Plain\nmetadata: {name: a}\nspec: {}\n"
      )
      let templates = "\(Project.root)/Tests/Fixtures/templates-references"
      let result = try await stackjob("status", manifest, "--templates", templates)
      expect(result, .badData)
      #expect(result.stderr.contains("status.kind"))
    }
  }
}
