import LocalFiles
import StackModel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// What needs neither an engine nor a cloud: every command with every kind of bad input.
@Suite(.timeLimit(.minutes(20))) struct CommandLineTests {
  private let valid = LocalFiles.text("\(Project.root)/examples/ecs-web/service.yaml") ?? ""

  @Test(arguments: [
    "validate", "render", "plan", "apply", "destroy", "refresh", "drift", "outputs", "status",
  ])
  func `bad files are told with their name and end with 65`(verb: String) async throws {
    try await Product.run { stackjob in
      let binary = try stackjob.file("junk.yaml", "")
      try LocalFiles.replace(binary, with: (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      let huge = try stackjob.file("huge.yaml", "")
      #expect(truncate(huge, 100 << 20) == 0)
      let files = [
        "\(stackjob.folder)/missing.yaml", try stackjob.file("empty.yaml", ""), binary, huge,
        try stackjob.file("kind.yaml", "apiVersion: v1\nkind: AwsEcsServic\nmetadata: {name: a}\nspec: {}\n"),
      ]
      for file in files {
        let rest = verb == "render" ? ["--out", "\(stackjob.folder)/out"] : []
        let result = try await stackjob.run([verb, file] + rest)
        expect(result, .badData)
        #expect(result.stderr.contains(LocalFiles.name(of: file)), "\(result.stderr)")
        #expect(result.stderr.contains("error"))
        #expect(!LocalFiles.exists("\(stackjob.folder)/out"), "half a folder was written")
      }
      #expect(!LocalFiles.exists("\(stackjob.folder)/state/stacks"))
    }
  }

  @Test func `no argument, a wrong flag and a wrong value are usage errors`() async throws {
    try await Product.run { stackjob in
      for arguments in [
        ["plan"], ["plan", "a.yaml", "--nonsense"], ["plan", "a.yaml", "--output", "xml"], ["nonsense"],
      ] {
        expect(try await stackjob.run(arguments), .usage)
      }
    }
  }

  @Test func `validate tells all problems at once, as text, JSON and SARIF`() async throws {
    try await Product.run { stackjob in
      let file = try stackjob.file(
        "service.yaml",
        valid.replacing("cpu: 256", with: "cpu: 300").replacing("listenerPort: 80", with: "listnerPort: 80")
      )
      let text = try await stackjob("validate", file)
      expect(text, .badData)
      #expect(text.stderr.contains("listenerPort"))
      let json = try await stackjob("validate", file, "--output", "json")
      expect(json, .badData)
      let document = try json.document()
      #expect(document["valid"] == false)
      let problem = try #require(
        document["diagnostics"]?.array?.first { $0["code"] == "manifest.unknown-field" }
      )
      #expect(problem["path"] == "spec.alb.listnerPort")
      #expect((problem["line"]?.int ?? 0) > 0)
      let sarif = try await stackjob("validate", file, "--output", "sarif")
      #expect(try sarif.document()["version"] == "2.1.0")
      expect(try await stackjob("validate", try stackjob.file("good.yaml", valid)), .done)
    }
  }

  @Test(arguments: [
    "metadata.org=..",
    "metadata.labels={tofu.planton.dev/backend.type: local, tofu.planton.dev/backend.path: here}",
  ])
  func `validate refuses what plan refuses about the stack's name and state`(setting: String) async throws {
    try await Product.run { stackjob in
      let file = try stackjob.file("service.yaml", valid)
      let environment = ["SESSION_KEY": "value-of-the-session"]
      for verb in ["validate", "plan"] {
        let result = try await stackjob(verb, file, "--set", setting, environment: environment)
        expect(result, .badData)
        #expect(result.stderr.contains("[stack.name]") || result.stderr.contains("[backend.path]"))
      }
    }
  }

  @Test func `a manifest comes from standard input, a folder, or several files`() async throws {
    try await Product.run { stackjob in
      _ = try stackjob.file("many/a.yaml", valid)
      _ = try stackjob.file("many/b.yaml", valid.replacing("name: web", with: "name: web2"))
      _ = try stackjob.file("many/notes.txt", "not a manifest")
      let folder = try await stackjob("validate", "many", "--output", "json")
      expect(folder, .done)
      #expect(try folder.document()["manifests"] == 2)
      let piped = try await stackjob.run(
        ["-c", #"exec "$0" validate - < many/a.yaml"#, Project.binary],
        executable: "/bin/sh"
      )
      expect(piped, .done)
      #expect(piped.stdout.contains("<stdin>"))
      let twice = try await stackjob("validate", "many/a.yaml", "many/a.yaml")
      expect(twice, .badData)
      #expect(twice.stderr.contains("described twice"))
    }
  }

  @Test func `set is typed and image is injected`() async throws {
    try await Product.run { stackjob in
      let file = try stackjob.file("service.yaml", valid)
      let result = try await stackjob(
        "render",
        file,
        "--out",
        "out",
        "--set",
        "spec.container.replicas=5",
        "--set",
        "spec.tags={team: web}",
        "--image",
        "host:5000/shop/web:9.9",
        environment: ["SESSION_KEY": "value-of-the-session"]
      )
      expect(result, .done)
      let values = try JSONValue(parsing: try LocalFiles.read("\(stackjob.folder)/out/terraform.tfvars.json"))
      #expect(values["service"]?["desired_count"] == 5)
      #expect(values["tags"]?["team"] == "web")
      #expect(values["task"]?["containers"]?[0]?["image"] == "host:5000/shop/web:9.9")
      for (path, bytes) in try stackjob.everything() {
        #expect(!String(decoding: bytes, as: UTF8.self).contains("value-of-the-session"), "\(path)")
      }
      let wrong = try await stackjob("validate", file, "--set", "spec.container.replicaz=5")
      expect(wrong, .badData)
      #expect(wrong.stderr.contains("replicas"))
    }
  }

  @Test func `render writes nothing over what is there`() async throws {
    try await Product.run { stackjob in
      let file = try stackjob.file("service.yaml", valid)
      _ = try stackjob.file("out/mine.txt", "mine")
      let key = ["SESSION_KEY": "value-of-the-session"]
      expect(try await stackjob("render", file, "--out", "out", environment: key), .usage)
      #expect(try LocalFiles.list("\(stackjob.folder)/out") == ["mine.txt"])
    }
  }

  @Test func `render for Pulumi writes a project that tells how to run it, and no secret`() async throws {
    try await Product.run { stackjob in
      let file = try stackjob.file("service.yaml", valid)
      let key = ["SESSION_KEY": "value-of-the-session"]
      expect(
        try await stackjob("render", file, "--engine", "pulumi", "--out", "out", environment: key),
        .done
      )
      #expect(
        try LocalFiles.list("\(stackjob.folder)/out").sorted() == ["Main.json", "Pulumi.yaml", "README.txt"]
      )
      let program = try JSONValue(parsing: try LocalFiles.read("\(stackjob.folder)/out/Main.json"))
      let config = try #require(program["config"]?.object?.keys.first)
      #expect(program["config"]?[config] == ["type": "string", "secret": true])
      let readme = LocalFiles.text("\(stackjob.folder)/out/README.txt") ?? ""
      #expect(readme.contains("pulumi config set --secret \(config) < VALUE"))
      for (path, bytes) in try stackjob.everything() {
        #expect(!String(decoding: bytes, as: UTF8.self).contains("value-of-the-session"), "\(path)")
      }
      let tags = "spec.tags={\"fn::readFile\": /etc/passwd}"
      let wrong = try await stackjob(
        "render",
        file,
        "--engine",
        "pulumi",
        "--out",
        "wrong",
        "--set",
        tags,
        environment: key
      )
      expect(wrong, .badData)
      #expect(wrong.stderr.contains("[pulumi.key]"))
      #expect(!LocalFiles.exists("\(stackjob.folder)/wrong"))
    }
  }

  @Test func `explain and kinds describe what a manifest may hold`() async throws {
    try await Product.run { stackjob in
      let kinds = try await stackjob("kinds")
      #expect(kinds.stdout.contains("AwsEcsService"))
      let field = try await stackjob("explain", "AwsEcsService.spec.autoscaling")
      expect(field, .done)
      #expect(field.stdout.contains("targetCpuPercent"))
      let typo = try await stackjob("explain", "AwsEcsService.spec.autoscalng")
      expect(typo, .badData)
      #expect(typo.stderr.contains("autoscaling"))
      let kind = try await stackjob("explain", "AwsEcsServic")
      expect(kind, .badData)
      #expect(kind.stderr.contains("AwsEcsService"))
    }
  }

  @Test func `without a cluster a manifest is checked and rendered, and no job is begun`() async throws {
    try await Product.run { stackjob in
      let manifest = "\(Project.root)/templates/MicroserviceKubernetes/examples/minimal.yaml"
      expect(try await stackjob("validate", manifest), .done)
      expect(try await stackjob("render", manifest, "--out", "out"), .done)
      let plan = try await stackjob("plan", manifest)
      expect(plan, .badData)
      #expect(plan.stderr.contains("[cluster.none]"))
      #expect(!LocalFiles.exists("\(stackjob.stateHome)/stacks"))
    }
  }

  @Test func `a broken settings file is told with its line`() async throws {
    try await Product.run { stackjob in
      let settings = try stackjob.file("settings.yaml", "engine: terraform\nproviderMirors: [/x]\n")
      let result = try await stackjob("kinds", environment: ["STACKJOB_CONFIG": settings])
      expect(result, .badData)
      #expect(result.stderr.contains("settings.yaml:2:1"))
      #expect(result.stderr.contains("providerMirrors"))
      let named = try await stackjob("kinds", environment: ["STACKJOB_CONFIG": "/nonexistent.yaml"])
      expect(named, .badData)
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `each shell has its completion`(shell: String) async throws {
    try await Product.run { stackjob in
      let result = try await stackjob("completion", shell)
      expect(result, .done)
      #expect(result.stdout.contains("detailed-exitcode"))
    }
  }

  @Test func `a state home that cannot be written to is said before anything is done`() async throws {
    try await Product.run { stackjob in
      let file = try stackjob.file("service.yaml", valid)
      // A file where the folder should be is refused to every user, root too.
      let blocked = try stackjob.file("blocked", "")
      let result = try await stackjob(
        "plan",
        file,
        environment: ["STACKJOB_STATE_HOME": "\(blocked)/state", "SESSION_KEY": "value-of-the-session"]
      )
      expect(result, .failed)
      #expect(result.stderr.contains("STACKJOB_STATE_HOME"))
    }
  }
}
