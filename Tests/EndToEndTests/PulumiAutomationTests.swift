import LocalFiles
import StackModel
import Testing

/// The stand-in for Pulumi, driven by Pulumi's own client.
@Suite(.timeLimit(.minutes(10))) struct PulumiAutomationTests {
  @Test(.needsPulumiSDKs) func `the official client takes the stand-in for Pulumi`() async throws {
    try await StandInPulumi.run { pulumi in
      let rendered = "\(pulumi.stackjob.folder)/program"
      let manifest = try pulumi.manifest()
      expect(try await pulumi("render", manifest, "--out", rendered), .done)
      let driven = try await pulumi.stackjob.run(
        ["-I", "\(Project.root)/scripts/pulumi_automation.py", pulumi.folder, rendered],
        executable: PulumiSDKs.python,
        environment: pulumi.path
      )
      #expect(driven.exit == .code(0), "\(driven.stdout)\(driven.stderr)")
      #expect(driven.stdout.hasSuffix("the stack is gone\ndone\n"), "\(driven.stdout)")
      // What it asks for, and what we do, is not the same; both have to be taken.
      #expect(try pulumi.calls().contains { $0["arguments"]?.text().contains("--exec-kind") == true })
    }
  }
}
