import LocalFiles
import StackModel
import Testing
import ToolProcess

/// Plans that are kept, approved and applied with Pulumi.
@Suite(.timeLimit(.minutes(10))) struct PulumiPlanTests {
  @Test func `a kept plan is refused when anything it was made from has changed`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("plan", manifest, "--out", "kept"), .done)
      let kept = "\(pulumi.stackjob.folder)/kept"
      for (file, part) in [
        ("pulumi-plan.json", "the plan file"), ("preview.json", "the plan file"),
        ("program/Main.json", "the program"), ("program/secrets.json", "the values"),
      ] {
        let original = try LocalFiles.read("\(kept)/\(file)")
        try LocalFiles.replace("\(kept)/\(file)", with: original + [0x0A])
        let refused = try await pulumi("apply", manifest, "--plan", "kept")
        expect(refused, .badData)
        #expect(refused.stderr.contains(part), "\(file): \(refused.stderr)")
        try LocalFiles.replace("\(kept)/\(file)", with: original)
      }
      let image = try await pulumi("apply", manifest, "--plan", "kept", "--image", "shop/web:9")
      expect(image, .badData)
      let secret = try await pulumi(
        "apply",
        manifest,
        "--plan",
        "kept",
        environment: ["SESSION_KEY": "another value"]
      )
      expect(secret, .badData)
      #expect(secret.stderr.contains("no longer stands"))
      let terraform = try await pulumi.stackjob("apply", manifest, "--plan", "kept", environment: pulumi.path)
      #expect(terraform.exit != .code(0), "Terraform took a plan of Pulumi's")
      #expect(try pulumi.names() == [], "a refused plan must change nothing")

      let apply = try await pulumi("apply", manifest, "--plan", "kept", "--output", "ndjson")
      expect(apply, .done)
      #expect(try pulumi.calls("up").last?.contains("--plan") == true)
      let record = try JSONValue(parsing: LocalFiles.read("\(kept)/digest.json"))
      let ready = try #require(try apply.events().first { $0["type"] == "plan.ready" })
      #expect(ready["digest"]?.string == record["digest"]?.string && record["engine"] == "pulumi")
      try pulumi.expectNoSecret()
    }
  }

  @Test(arguments: [true, false])
  func `what would be done is looked at again, before any of it is done`(savesPlans: Bool) async throws {
    try await StandInPulumi.run { pulumi in
      if !savesPlans { try pulumi.control(["unknown flags": ["--save-plan"]]) }
      let first = try pulumi.manifest()
      expect(try await pulumi("apply", first, "--auto-approve"), .done)
      let manifest = try pulumi.manifest(image: "shop/web:2")
      expect(try await pulumi("plan", manifest, "--out", "kept"), .done)
      #expect(LocalFiles.exists("\(pulumi.stackjob.folder)/kept/pulumi-plan.json") == savesPlans)
      let before = try pulumi.cloud()
      try pulumi.meddle { cloud in
        for urn in cloud.keys where urn.hasSuffix("::log-group") { cloud[urn] = nil }
      }
      let refused = try await pulumi("apply", manifest, "--plan", "kept", "--output", "json")
      expect(refused, .badData)
      #expect(refused.stdout.contains("The plan no longer stands"))
      #expect(try !pulumi.names().contains("log-group"), "something was changed")
      try pulumi.meddle { $0 = before }
      expect(try await pulumi("apply", manifest, "--plan", "kept"), .done)
    }
  }

  @Test func `a kept plan of a removal removes`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      expect(try await pulumi("plan", "--destroy", manifest, "--out", "kept"), .done)
      let kept = try JSONValue(parsing: LocalFiles.read("\(pulumi.stackjob.folder)/kept/plan.json"))
      #expect(kept["changes"]?[0]?["action"] == "delete")
      expect(try await pulumi("apply", manifest, "--plan", "kept"), .done)
      #expect(try pulumi.names() == [])
    }
  }

  @Test func `without a terminal and without --auto-approve nothing is applied`() async throws {
    try await StandInPulumi.run { pulumi in
      let apply = try await pulumi("apply", try pulumi.manifest())
      expect(apply, .failed)
      #expect(apply.stdout.contains("--auto-approve"))
      #expect(try pulumi.calls("up").isEmpty && pulumi.names().isEmpty)
    }
  }

  @Test(arguments: [("apply", "yes"), ("apply", "no"), ("destroy", "yes")])
  func `at a terminal yes applies that very plan, and nothing else does`(
    verb: String,
    answer: String
  ) async throws {
    let python = try #require(ExecutableFinder.find("python3", path: Project.path))
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      if verb == "destroy" { expect(try await pulumi("apply", manifest, "--auto-approve"), .done) }
      let result = try await pulumi.stackjob.run(
        [
          "\(Project.root)/Tests/Fixtures/terminal.py", "Only `yes` is taken", answer, Project.binary, verb,
          manifest, "--engine", "pulumi",
        ],
        executable: python,
        environment: pulumi.path.merging(["TERM": "xterm"]) { $1 }
      )
      expect(result, answer == "yes" ? .done : .failed)
      #expect(try pulumi.names().isEmpty == (answer == "no" || verb == "destroy"))
      // Pulumi saves no plan of a removal: it is looked at once more after the answer.
      let looks = try pulumi.calls("destroy").filter { $0.contains("--preview-only") }.count
      #expect(looks == (verb == "destroy" ? 2 : 0))
      let updates = try pulumi.calls("up").filter { $0.contains("--plan") }.count
      #expect(updates == (answer == "yes" ? 1 : 0), "the first apply of a destroy has a plan too")
    }
  }
}
