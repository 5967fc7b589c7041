import LocalFiles
import StackModel
import Testing

@Suite(.needsTools, .timeLimit(.minutes(20))) struct SavedPlanTests {
  @Test func `a kept plan is refused when anything it was made from has changed`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        expect(try await stackjob("plan", manifest, "--out", "kept", "--quiet"), .done)
        let kept = "\(stackjob.folder)/kept"

        let otherImage = try await stackjob("apply", manifest, "--plan", "kept", "--image", "shop/web:9")
        expect(otherImage, .badData)
        #expect(otherImage.stderr.contains("no longer stands"))

        for (file, part) in [
          ("plan.tfplan", "the plan file"), ("program/.terraform.lock.hcl", "the provider lock file"),
          ("program/service.tf", "the program"), ("program/terraform.tfvars.json", "the values"),
        ] {
          let original = try LocalFiles.read("\(kept)/\(file)")
          try LocalFiles.replace("\(kept)/\(file)", with: original + [0x0A])
          let refused = try await stackjob("apply", manifest, "--plan", "kept")
          expect(refused, .badData)
          #expect(refused.stderr.contains(part), "\(file): \(refused.stderr)")
          try LocalFiles.replace("\(kept)/\(file)", with: original)
        }
        #expect(try aws.left() == [:], "a refused plan must change nothing")

        expect(try await stackjob("apply", manifest, "--plan", "kept"), .done)
        // Its state has moved on: Terraform itself refuses the second time.
        expect(try await stackjob("apply", manifest, "--plan", "kept"), .failed)
        expect(try await stackjob("destroy", manifest, "--auto-approve"), .done)
      }
    }
  }
}
