import LocalFiles
import StackModel
import Testing
import ToolProcess

/// The question between plan and apply, asked and answered at a real terminal.
@Suite(.timeLimit(.minutes(20))) struct ApprovalTests {
  private let plan = """
    echo '{"type":"change_summary","changes":{"add":1,"change":0,"remove":0,"import":0,"operation":"plan"}}'
          : > plan.tfplan ;;
        show)
          echo '{"resource_changes":[{"address":"aws_a.b","mode":"managed","type":"aws_a","change":{"actions":["create"],"before":null,"after":{"name":"n"}}}]}' ;;
        apply)
          touch applied
          echo '{"type":"change_summary","changes":{"add":1,"change":0,"remove":0,"import":0,"operation":"apply"}}'
    """

  private func ask(_ answer: String, _ body: (Product.Result, JSONValue) throws -> Void) async throws {
    let python = try #require(ExecutableFinder.find("python3", path: Project.path))
    try await Product.run { stackjob in
      let environment = try StubEngine.install(in: stackjob, plan: plan)
      let manifest = try StubEngine.manifest(in: stackjob)
      let result = try await stackjob.run(
        [
          "\(Project.root)/Tests/Fixtures/terminal.py", "Only `yes` is taken", answer, Project.binary,
          "apply", manifest,
        ],
        executable: python,
        environment: environment.merging(["TERM": "xterm"]) { $1 }
      )
      let journals = try stackjob.everything().filter { $0.path.hasSuffix("events.ndjson") }
      let lines = String(decoding: try #require(journals.first).bytes, as: UTF8.self).split(separator: "\n")
      let decision = lines.first { $0.contains("approval.decided") } ?? "null"
      try body(result, try JSONValue(parsing: String(decision)))
    }
  }

  @Test func `yes applies, and the journal names who said so`() async throws {
    try await ask("yes") { result, decision in
      expect(result, .done)
      #expect(result.stdout.contains("aws_a.b"), "the plan is shown before the question")
      #expect(decision["approved"] == true)
      #expect(decision["by"]?.string?.isEmpty == false)
    }
  }

  @Test(arguments: ["no", "y", "YES", ""])
  func `any other answer changes nothing`(answer: String) async throws {
    try await ask(answer) { result, decision in
      expect(result, .failed)
      #expect(decision["approved"] == false)
      #expect(!result.stdout.contains("1 added"))
    }
  }

  @Test func `without a terminal and without --auto-approve nothing is applied`() async throws {
    try await Product.run { stackjob in
      let environment = try StubEngine.install(in: stackjob, plan: plan)
      let manifest = try StubEngine.manifest(in: stackjob)
      let result = try await stackjob("apply", manifest, environment: environment)
      expect(result, .failed)
      #expect(result.stdout.contains("--auto-approve"))
      expect(try await stackjob("apply", manifest, "--output", "json", environment: environment), .usage)
      expect(try await stackjob("destroy", manifest, "--quiet", environment: environment), .usage)
    }
  }
}
