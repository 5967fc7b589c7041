import LocalFiles
import StackModel
import Testing

/// Jobs with Pulumi for their engine. The engine is a stand-in: `scripts/pulumi-stand-in` says what that shows.
@Suite(.timeLimit(.minutes(10))) struct PulumiTests {
  @Test func `a service is planned, made, looked at, changed and removed`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      let plan = try await pulumi("plan", manifest, "--detailed-exitcode", "--output", "json")
      expect(plan, .changes)
      let planned = try plan.job()["changes"]?.array?.compactMap { $0["address"]?.string } ?? []
      #expect(planned.contains("service") && planned.contains("task-definition"), "\(planned)")
      #expect(try pulumi.names() == [])

      let apply = try await pulumi("apply", manifest, "--auto-approve", "--output", "ndjson")
      expect(apply, .done)
      let events = try apply.events()
      #expect(events.contains { $0["type"] == "resource.finished" && $0["address"] == "service" })
      #expect(events.contains { $0["type"] == "output" && $0["name"] == "ecs_cluster_name" })
      #expect(events.last?["result"] == "succeeded")
      #expect(try pulumi.names().contains("service"))

      expect(try await pulumi("plan", manifest, "--detailed-exitcode"), .done)
      let output = try await pulumi("outputs", manifest, "--name", "ecs_cluster_name")
      expect(output, .done)
      #expect(output.stdout == "main\n")

      let image = try await pulumi(
        "apply",
        try pulumi.manifest(image: "shop/web:2"),
        "--auto-approve",
        "--output",
        "json"
      )
      expect(image, .done)
      let change = try #require(
        try image.job()["changes"]?.array?.first { $0["address"] == "task-definition" }
      )
      #expect(change["action"] == "update", "\(change)")

      expect(try await pulumi("destroy", manifest, "--auto-approve"), .done)
      #expect(try pulumi.names() == [])
      try pulumi.expectNoSecret()
    }
  }
}
