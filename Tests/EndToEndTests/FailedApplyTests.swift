import StackModel
import Testing

@Suite(.needsTools, .timeLimit(.minutes(20))) struct FailedApplyTests {
  @Test func `a failed apply says why, points at the manifest, keeps what was made, and can be resumed`()
    async throws
  {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        try aws.rule([
          "service": "ecs", "action": "CreateService", "times": 1,
          "error": ["code": "InvalidParameterException", "message": "planted refusal", "status": 400],
        ])
        let failed = try await stackjob("apply", manifest, "--auto-approve", "--output", "json")
        expect(failed, .failed)
        let job = try failed.job()
        #expect(job["result"] == "failed")
        #expect(job["lock_released"] != false)
        let diagnostic = try #require(job["diagnostics"]?.array?.first { $0["severity"] == "error" })
        #expect("\(diagnostic.text())".contains("planted refusal"))
        #expect(diagnostic["address"]?.string?.hasPrefix("aws_ecs_service.") == true)
        #expect(diagnostic["file"]?.string == manifest)
        #expect((job["state_serial"]?.int ?? 0) > 0)

        let resumed = try await stackjob("apply", manifest, "--auto-approve", "--output", "json")
        expect(resumed, .done)
        let created = try resumed.job()["changes"]?.array?.compactMap { $0["address"]?.string } ?? []
        #expect(!created.contains { $0.hasPrefix("aws_cloudwatch_log_group.") }, "made twice: \(created)")
        expect(try await stackjob("destroy", manifest, "--auto-approve"), .done)
        #expect(try aws.left() == [:])
      }
    }
  }

  @Test func `refused credentials end with their own code`() async throws {
    try await LocalAWS.run { aws in
      var environment = aws.environment
      environment["AWS_ACCESS_KEY_ID"] = nil
      environment["AWS_SECRET_ACCESS_KEY"] = nil
      try await Product.run(environment: environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        let plan = try await stackjob("plan", manifest)
        expect(plan, .credentials)
        #expect(plan.stdout.contains("credential"))
      }
    }
  }
}
