import LocalFiles
import StackModel
import Testing

@Suite(.needsTools, .timeLimit(.minutes(20))) struct EngineEnvironmentTests {
  @Test func `reserved variables from outside are refused with a message and have no effect`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        let plan = try await stackjob(
          "plan",
          manifest,
          "--output",
          "json",
          environment: [
            "TF_CLI_ARGS": "-no-such-flag", "TF_VAR_region": "eu-central-1", "TF_WORKSPACE": "other",
          ]
        )
        expect(plan, .done)
        #expect(plan.stderr.contains("TF_CLI_ARGS, TF_VAR_region, TF_WORKSPACE"))
      }
    }
  }

  @Test func `without provider and network the error says what to do`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        let settings = try stackjob.file("settings.yaml", "allowDownload: false\n")
        try LocalFiles.makeFolder("\(stackjob.folder)/empty")
        let plan = try await stackjob(
          "plan",
          manifest,
          environment: [
            "STACKJOB_CONFIG": settings, "STACKJOB_PROVIDER_MIRROR": "\(stackjob.folder)/empty",
          ]
        )
        expect(plan, .unavailable)
        #expect(plan.stdout.contains("STACKJOB_PROVIDER_MIRROR"))
      }
    }
  }

  @Test func `without an engine the error says what to install`() async throws {
    try await Product.run { stackjob in
      let manifest = LocalFiles.text("\(Project.root)/examples/ecs-web/service.yaml") ?? ""
      let file = try stackjob.file("service.yaml", manifest)
      let plan = try await stackjob(
        "plan",
        file,
        environment: ["PATH": "/nonexistent", "SESSION_KEY": "value-of-the-session"]
      )
      expect(plan, .unavailable)
      #expect(plan.stderr.contains("terraform"))
    }
  }

  @Test func `the stack's own backend keeps the state`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        let settings = try stackjob.file(
          "settings.yaml",
          """
          backends:
            - match: {env: test}
              type: local
              config: {path: \(stackjob.folder)/elsewhere.tfstate}

          """
        )
        let environment = ["STACKJOB_CONFIG": settings]
        expect(try await stackjob("apply", manifest, "--auto-approve", environment: environment), .done)
        #expect(LocalFiles.text("\(stackjob.folder)/elsewhere.tfstate")?.contains("aws_ecs_service") == true)
        let outputs = try await stackjob("outputs", manifest, environment: environment)
        expect(outputs, .done)
        #expect(outputs.stdout.contains("aws_ecs_service_name"))
        expect(try await stackjob("destroy", manifest, "--auto-approve", environment: environment), .done)
        #expect(try aws.left() == [:])
      }
    }
  }

  @Test func `an S3 backend keeps the state under the stack's name`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        try aws.makeBucket("states")
        let text = try Manifests.small(aws).replacing(
          "env: test}",
          with: #"env: test, labels: {"planton.ai/git-branch": "dev-*"}}"#
        )
        let manifest = try stackjob.file("service.yaml", text)
        // The path style is for a local AWS, whose buckets have no host names.
        let settings = try stackjob.file(
          "settings.yaml",
          """
          backends:
            - type: s3
              config: {bucket: states, region: us-east-1, use_path_style: true, use_lockfile: true}

          """
        )
        let environment = ["STACKJOB_CONFIG": settings]
        expect(try await stackjob("apply", manifest, "--auto-approve", environment: environment), .done)
        let state = try aws.object("acme/test/AwsEcsService/small.tfstate", in: "states")
        #expect(state.contains("aws_ecs_service"))
        #expect(!state.contains("dev-*"), "labels steer stackjob; none of them becomes a tag")
        expect(try await stackjob("destroy", manifest, "--auto-approve", environment: environment), .done)
      }
    }
  }

  @Test func `the doctor finds the engine, the provider and who we are`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let doctor = try await stackjob("doctor", "--output", "json")
        let checks = try doctor.document()["checks"]?.array ?? []
        func status(_ name: String) -> String? {
          checks.first { $0["name"]?.string == name }?["status"]?.string
        }
        #expect(status("terraform") == "ok")
        #expect(status("AWS credentials") == "ok", "\(doctor.stdout)")
        #expect(status("state home") == "ok")
      }
    }
  }
}
