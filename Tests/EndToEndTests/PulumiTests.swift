import LocalFiles
import StackModel
import Testing

/// Jobs with Pulumi for their engine. The engine is a stand-in: `scripts/pulumi-stand-in` says what that shows.
@Suite(.needsTools, .timeLimit(.minutes(10))) struct PulumiTests {
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

      // To another engine nothing of it would be there.
      let other = try await pulumi.stackjob("plan", manifest)
      expect(other, .badData)
      #expect(
        other.stdout.contains("last changed by another engine") && other.stdout.contains("--engine pulumi")
      )

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

  @Test func `what was changed behind our back is found, and taken in`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      expect(try await pulumi("drift", manifest, "--detailed-exitcode"), .done)
      try pulumi.meddle { cloud in
        for (urn, inputs) in cloud.members {
          if urn.hasSuffix("::log-group"), var object = inputs.object {
            object["retentionInDays"] = 3
            cloud[urn] = .object(object)
          }
          if urn.hasSuffix("::task-role") { cloud[urn] = nil }
        }
      }
      for codes in ["old", "new"] {
        try pulumi.control(["codes": .string(codes)])
        let drift = try await pulumi("drift", manifest, "--detailed-exitcode", "--output", "json")
        expect(drift, .changes)
        let found = try drift.job()["drift"]?.array ?? []
        #expect(found.map { $0["address"]?.string } == ["log-group", "task-role"], "\(found)")
        #expect(found.first?["attributes"]?[0]?["after"] == 3, "\(found)")
        #expect(found.last?["action"] == "delete")
      }
      expect(try await pulumi("refresh", manifest), .done)
      expect(try await pulumi("drift", manifest, "--detailed-exitcode"), .done)
      let plan = try await pulumi("plan", manifest, "--output", "json")
      expect(plan, .done)
      #expect(try plan.job()["changes"]?.array?.count == 2, "\(plan.stdout)")
    }
  }

  @Test func `a stack that is not there has no state, and nothing to remove`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      for codes in ["old", "new"] {
        try pulumi.control(["codes": .string(codes)])
        for verb in ["drift", "refresh", "outputs"] { expect(try await pulumi(verb, manifest), .badData) }
        expect(try await pulumi("plan", "--destroy", manifest, "--detailed-exitcode"), .done)
        expect(try await pulumi("destroy", manifest, "--auto-approve"), .done)
      }
    }
  }

  @Test func `lines of any size and events that nobody knows do no harm`() async throws {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["huge": 5_000_000, "unknown event": "later"])
      let plan = try await pulumi("plan", try pulumi.manifest(), "--output", "ndjson")
      expect(plan, .done)
      let lines = try plan.events().filter { $0["type"] == "log" }.compactMap { $0["line"]?.string }
      #expect(lines.contains { $0.utf8.count == 5_000_000 })
      #expect(lines.contains { $0.contains("\"laterEvent\"") })
    }
  }

  @Test func `a preview without its summary is none`() async throws {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["no summary": true])
      let plan = try await pulumi("plan", try pulumi.manifest(), "--output", "json")
      expect(plan, .failed)
      #expect(plan.stdout.contains("without its summary"))
    }
  }

  @Test func `a change without its summary has failed, and what it began is looked for`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      try pulumi.control(["no summary": "up"])
      let apply = try await pulumi("apply", manifest, "--auto-approve", "--output", "json")
      expect(apply, .failed)
      #expect(apply.stdout.contains("ended without its summary"))
      try pulumi.control([:])
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      #expect(try pulumi.calls("stack").contains { $0.contains("export") })
    }
  }

  @Test func `a preview is not shown as whole that has a line too long to be read`() async throws {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["huge": .int(65 << 20)])
      let plan = try await pulumi("plan", try pulumi.manifest(), "--output", "ndjson")
      expect(plan, .failed)
      #expect(plan.stdout.contains("The preview cannot be read whole"))
      #expect(plan.stdout.utf8.count < 1 << 20)
    }
  }

  @Test func `a plugin is said to be missing by whatever part of the engine misses it`() async throws {
    try await StandInPulumi.run { pulumi in
      let words = "could not load plugin: no resource plugin 'pulumi-resource-aws' found in the workspace"
      try pulumi.control(["fault": ["at": "log-group", "fails": .string(words)]])
      expect(try await pulumi("apply", try pulumi.manifest(), "--auto-approve"), .unavailable)
    }
  }

  @Test func `what Pulumi has made stays its own where nobody wrote that down`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      try LocalFiles.remove("\(pulumi.stackjob.stateHome)/stacks/acme/test/AwsEcsService/web/engine.json")
      let other = try await pulumi.stackjob("plan", manifest)
      expect(other, .badData)
      #expect(other.stdout.contains("--engine pulumi"), "\(other.stdout)")
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
    }
  }

  @Test func `states are those of the engine that has the stack, not of one that removed it`() async throws {
    try await StandInPulumi.run { pulumi in
      let empty = #"{"version":4,"serial":2,"lineage":"l","outputs":{},"resources":[]}"#
      let folder = "\(pulumi.stackjob.stateHome)/stacks/acme/test/AwsEcsService/web/state"
      try LocalFiles.makeFolder(folder)
      try LocalFiles.create("\(folder)/00000001.tfstate", with: Array(empty.utf8))
      expect(try await pulumi("apply", try pulumi.manifest(), "--auto-approve"), .done)
      let show = try await pulumi.stackjob("state", "show", "acme/test/AwsEcsService/web")
      expect(show, .done)
      #expect(show.stdout.contains("aws:ecs/service:Service service\n"), "\(show.stdout)")
    }
  }

  @Test(arguments: ["old", "new"])
  func `a resource that fails is named, and the next apply goes on from there`(codes: String) async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      try pulumi.control(["codes": .string(codes), "fault": ["at": "service", "fails": "no capacity"]])
      let apply = try await pulumi("apply", manifest, "--auto-approve", "--output", "ndjson")
      expect(apply, .failed)
      let events = try apply.events()
      #expect(events.contains { $0["type"] == "resource.failed" && $0["address"] == "service" })
      #expect(events.last?["reason"]?.string?.contains("no capacity") == true)
      try pulumi.control([:])
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      #expect(try pulumi.names().contains("service"))
    }
  }

  @Test func `an engine that breaks off in the middle of a line has failed`() async throws {
    try await StandInPulumi.run { pulumi in
      try pulumi.control(["fault": ["at": "service", "truncate": true]])
      let apply = try await pulumi("apply", try pulumi.manifest(), "--auto-approve", "--output", "ndjson")
      expect(apply, .failed)
      #expect(try apply.events().contains { $0["line"]?.string?.hasSuffix("resOutputs") == true })
    }
  }

  @Test func `secrets go in by standard input alone, and stay encrypted`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("plan", manifest, "--out", "kept"), .done)
      expect(try await pulumi("apply", manifest, "--plan", "kept", "--output", "ndjson"), .done)
      let set = try #require(try pulumi.calls("config").first)
      #expect(set.contains("--secret") && set.count == 9, "\(set)")
      let state = try pulumi.state().text()
      #expect(state.contains("4dabf18193072939515e22adb298388d"), "the secret is in the state, encrypted")
      try pulumi.expectNoSecret()
    }
  }

  @Test func `a service on a cluster gets its cluster as a secret, and no other`() async throws {
    try await StandInPulumi.run { pulumi in
      func kubeconfig(_ port: Int) throws -> String {
        try pulumi.stackjob.file(
          "kubeconfig",
          """
          apiVersion: v1
          kind: Config
          current-context: a
          contexts: [{name: a, context: {cluster: a, user: a}}]
          clusters: [{name: a, cluster: {server: "https://127.0.0.1:\(port)"}}]
          users: [{name: a, user: {token: \(StandInPulumi.secret.replacing(" ", with: "-"))}}]

          """
        )
      }
      let manifest = "\(Project.root)/templates/MicroserviceKubernetes/examples/minimal.yaml"
      let config = try kubeconfig(6443)
      expect(
        try await pulumi(
          "apply",
          manifest,
          "--image",
          "shop/web:1",
          "--kubeconfig",
          config,
          "--auto-approve"
        ),
        .done
      )
      #expect(try pulumi.names().contains("deployment"))
      #expect(try pulumi.calls("config").contains { $0.contains("kubeconfig") })
      let token = StandInPulumi.secret.replacing(" ", with: "-")
      for (path, bytes) in try pulumi.stackjob.everything()
      where path != "kubeconfig" && !path.hasSuffix("/kubeconfig") {
        #expect(!String(decoding: bytes, as: UTF8.self).contains(token), "\(path)")
      }
      let other = try await pulumi(
        "plan",
        manifest,
        "--image",
        "shop/web:1",
        "--kubeconfig",
        try kubeconfig(6444)
      )
      expect(other, .badData)
      #expect(other.stdout.contains("another cluster"))
      expect(
        try await pulumi("destroy", manifest, "--kubeconfig", try kubeconfig(6443), "--auto-approve"),
        .done
      )
      #expect(try pulumi.names() == [])
    }
  }

  @Test func `a resource is made anew by its name`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      let anew = ["apply", manifest, "--auto-approve", "--replace", "service", "--output", "json"]
      let apply = try await pulumi.stackjob.run(anew + ["--engine", "pulumi"], environment: pulumi.path)
      expect(apply, .done)
      #expect(try apply.job()["changes"]?[0]?["action"] == "replace", "\(apply.stdout)")
      let urn = "urn:pulumi:acme.test.web::stackjob-AwsEcsService::aws:ecs/service:Service::service"
      #expect(try pulumi.calls("up").last?.contains(urn) == true)
      let unknown = try await pulumi("apply", manifest, "--auto-approve", "--replace", "serivce")
      expect(unknown, .badData)
      #expect(unknown.stdout.contains("The program has no resource `serivce`"))
    }
  }

  @Test func `states are listed, shown, exported and gone back to`() async throws {
    try await StandInPulumi.run { pulumi in
      let stack = "acme/test/AwsEcsService/web"
      expect(try await pulumi("apply", try pulumi.manifest(), "--auto-approve"), .done)
      expect(try await pulumi("apply", try pulumi.manifest(image: "shop/web:2"), "--auto-approve"), .done)
      func state(_ verb: String, _ more: String...) async throws -> Product.Result {
        try await pulumi.stackjob.run(["state", verb, stack] + more, environment: pulumi.path)
      }
      let list = try await state("list", "--output", "json")
      let versions = try list.document().array ?? []
      #expect(versions.count == 2 && versions.allSatisfy { $0["whole"] == true }, "\(list.stdout)")
      #expect(try await state("show").stdout.contains("aws:ecs/service:Service service\n"))
      let first = try await state("export", "--version", "1", "--to", "\(pulumi.stackjob.folder)/first.json")
      expect(first, .done)
      let exported = try JSONValue(parsing: LocalFiles.read("\(pulumi.stackjob.folder)/first.json"))
      #expect(exported["version"] == 3 && exported["deployment"]?["resources"]?.array?.isEmpty == false)
      let none = try await state("rollback", "--version", "9")
      expect(none, .badData)
      #expect(none.stderr.contains("kept are 1 to 2"))
      expect(try await state("rollback", "--version", "1"), .done)
      #expect(try pulumi.calls("stack").last?.contains("import") == true)
      #expect(try await state("list").stdout.hasPrefix("version 1"))
      // A refresh would find what is there.
      let newest = try pulumi.manifest(image: "shop/web:2")
      let plan = try await pulumi("plan", newest, "--detailed-exitcode", "--no-refresh")
      expect(plan, .changes)
      try pulumi.expectNoSecret()
    }
  }

  @Test func `another engine than Pulumi does not take its place`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      for version in ["3.209.9", "4.0.0", "2.0.0-beta"] {
        try pulumi.control(["version": .string(version)])
        // Its version is remembered for as long as the file is the same.
        try LocalFiles.removeTree("\(pulumi.stackjob.stateHome)/cache")
        let plan = try await pulumi("plan", manifest)
        expect(plan, .unavailable)
        #expect(plan.stderr.contains(version.hasPrefix("4") ? "engine.too-new" : "engine.too-old"))
      }
      let doctor = try await pulumi.stackjob("doctor", environment: pulumi.path)
      #expect(doctor.stdout.contains("2.0.0-beta; 3.210.0 or later, before 4.0.0"), "\(doctor.stdout)")
      let sandbox = try await pulumi("plan", manifest, "--sandbox")
      expect(sandbox, .badData)
      #expect(sandbox.stderr.contains("[pulumi.sandbox]"))
    }
  }
}
