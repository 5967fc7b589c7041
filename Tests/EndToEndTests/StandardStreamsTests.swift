import LocalFiles
import StackModel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Outputs that go nowhere, with an engine that only pretends.
@Suite(.timeLimit(.minutes(20))) struct StandardStreamsTests {
  private static let engine = """
    #!/bin/sh
    case "$1" in
    version) echo '{"terraform_version":"1.11.4"}' ;;
    plan) echo plan > plan.tfplan
      echo '{"type":"change_summary","changes":{"add":1,"change":0,"remove":0,"operation":"plan"}}' ;;
    show) echo '{"format_version":"1.2","resource_changes":[{"address":"a.b","mode":"managed","type":"a",\
    "change":{"actions":["create"],"before":null,"after":{}}}]}' ;;
    apply) for line in 1 2 3 4 5 6 7 8; do echo "line $line"; sleep 0.05; done
      echo done > "$HOME/applied" ;;
    esac

    """

  /// A product whose engine is the script above.
  private func withEngine(_ body: (Product, String, [String: String]) async throws -> Void) async throws {
    try await Product.run { stackjob in
      let engine = try stackjob.file("bin/terraform", Self.engine)
      #expect(chmod(engine, 0o755) == 0)
      let manifest = "\(Project.root)/templates/AwsEcsService/examples/minimal.yaml"
      try await body(
        stackjob,
        manifest,
        ["PATH": "\(stackjob.folder)/bin:/usr/bin:/bin", "AWS_REGION": "us-east-1"]
      )
    }
  }

  private func journal(_ stackjob: Product) throws -> String {
    let events = try stackjob.everything().first { $0.path.hasSuffix("events.ndjson") }
    return String(decoding: try #require(events).bytes, as: UTF8.self)
  }

  @Test func `a reader that goes away does not end an apply`() async throws {
    try await withEngine { stackjob, manifest, environment in
      let result = try await stackjob.shell(
        #"{ "$0" apply \#(manifest) --auto-approve --output ndjson; echo $? > code; } | head -n 1"#,
        environment: environment
      )
      #expect(result.stdout.contains("job.started"))
      #expect(LocalFiles.text("\(stackjob.folder)/code") == "0\n")
      #expect(LocalFiles.exists("\(stackjob.folder)/user/applied"), "the engine was left alone")
      #expect(try journal(stackjob).contains("job.finished"))
    }
  }

  @Test func `with standard output closed the journal holds events and nothing else`() async throws {
    try await withEngine { stackjob, manifest, environment in
      let result = try await stackjob.shell(#""$0" plan \#(manifest) <&- >&-"#, environment: environment)
      expect(result, .done)
      for line in try journal(stackjob).split(separator: "\n") {
        #expect(try JSONValue(parsing: String(line))["seq"] != nil)
      }
    }
  }

  @Test func `a result that cannot be written is no success`() async throws {
    try await withEngine { stackjob, manifest, environment in
      let result = try await stackjob.shell(
        #""$0" validate \#(manifest) --output sarif > /dev/full"#,
        environment: environment
      )
      expect(result, .failed)
      #expect(result.stderr.contains("No space left"))
    }
  }

  @Test func `an empty --out is a usage error and writes nothing`() async throws {
    try await withEngine { stackjob, manifest, environment in
      let result = try await stackjob.shell(
        #""$0" plan \#(manifest) --out """#,
        environment: environment
      )
      expect(result, .usage)
      #expect(result.stderr.contains("--out is empty"))
    }
  }
}
