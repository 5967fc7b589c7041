import LocalFiles
import StackModel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Who keeps a stack's state and its secrets with Pulumi, and what Pulumi sees of the environment for it. A folder plays
/// each backend: what is shown is what Pulumi is told.
@Suite(.timeLimit(.minutes(10))) struct PulumiBackendTests {
  struct Case: Sendable {
    var rule: String
    var url: String
    var passes: [String]
    var isService = false
  }

  private static let surroundings = [
    "GOOGLE_CREDENTIALS": "google", "AZURE_STORAGE_KEY": "azure", "PGPASSWORD": "postgres",
    "VAULT_TOKEN": "vault",
    "PULUMI_ACCESS_TOKEN": "pulumi", "PULUMI_OPTION_TARGET": "nothing", "PULUMI_CONFIG_PASSPHRASE": "theirs",
    "PULUMI_STACK": "other", "PASS": "open sesame",
  ]

  static let cases = [
    Case(
      rule: #"{type: pulumi, config: {url: "s3://acme-state/web?region=eu-central-1"}}"#,
      url: "s3://acme-state/web?region=eu-central-1",
      passes: []
    ),
    Case(
      rule: "{type: s3, config: {bucket: acme-state, key: web, region: eu-central-1}}",
      url: "s3://acme-state/web?region=eu-central-1",
      passes: []
    ),
    Case(
      rule: "{type: gcs, config: {bucket: acme-state}}",
      url: "gs://acme-state",
      passes: ["GOOGLE_CREDENTIALS"]
    ),
    Case(
      rule: "{type: azurerm, config: {container_name: state, storage_account_name: acme}}",
      url: "azblob://state?storage_account=acme",
      passes: ["AZURE_STORAGE_KEY"]
    ),
    Case(
      rule: #"{type: pulumi, config: {url: "postgres://state@db.example.com/state"}}"#,
      url: "postgres://state@db.example.com/state",
      passes: ["PGPASSWORD"]
    ),
    Case(
      rule: #"{type: pulumi, config: {url: "https://api.pulumi.com", organization: acme}}"#,
      url: "https://api.pulumi.com",
      passes: ["PULUMI_ACCESS_TOKEN"],
      isService: true
    ),
    Case(
      rule: #"{type: pulumi, config: {url: "gs://acme", secretsProvider: "hashivault://key"}}"#,
      url: "gs://acme",
      passes: ["GOOGLE_CREDENTIALS", "VAULT_TOKEN"]
    ),
  ]

  @Test(arguments: cases)
  func `each backend is told its address, and sees its own credentials alone`(backend: Case) async throws {
    try await StandInPulumi.run(environment: Self.surroundings) { pulumi in
      let environment = try pulumi.settings("backends: [\(backend.rule)]\npulumi: {passphraseEnv: PASS}\n")
      let manifest = try pulumi.manifest()
      let apply = try await pulumi("apply", manifest, "--auto-approve", environment: environment)
      expect(apply, .done)
      #expect(apply.stderr.contains("PULUMI_OPTION_TARGET"), "\(apply.stderr)")
      let call = try #require(try pulumi.calls().last { $0["arguments"]?.text().contains("\"up\"") == true })
      let seen = call["environment"]?.object ?? [:]
      #expect(seen["PULUMI_BACKEND_URL"]?.string == backend.url)
      for name in Self.surroundings.keys {
        #expect((seen[name] != nil) == backend.passes.contains(name), "\(name)")
      }
      let arguments = call["arguments"]?.array?.compactMap(\.string) ?? []
      #expect(arguments.contains(backend.isService ? "acme/acme.test.web" : "acme.test.web"), "\(arguments)")
      #expect(
        (seen["PULUMI_CONFIG_PASSPHRASE_FILE"] != nil)
          == !(backend.isService || backend.rule.contains("hashivault"))
      )
      expect(try await pulumi("destroy", manifest, "--auto-approve", environment: environment), .done)
      for value in ["open sesame", "theirs"] {
        for (path, bytes) in try pulumi.stackjob.everything() where !path.hasSuffix("settings.yaml") {
          #expect(!String(decoding: bytes, as: UTF8.self).contains(value), "\(path)")
        }
      }
    }
  }

  @Test func `what is no backend, and what lacks its passphrase, is refused before anything runs`()
    async throws
  {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      for (settings, code) in [
        ("backends: [{type: pulumi, config: {url: 'ftp://acme'}}]", "backend.pulumi"),
        ("backends: [{type: kubernetes, config: {namespace: a}}]", "backend.pulumi"),
        ("backends: [{type: gcs, config: {bucket: acme}}]", "pulumi.passphrase"),
        (
          "backends: [{type: gcs, config: {bucket: acme}}]\npulumi: {passphraseEnv: NONE}",
          "pulumi.passphrase"
        ),
        (
          "backends: [{type: gcs, config: {bucket: acme}}]\npulumi: {passphraseFile: /nowhere}",
          "pulumi.passphrase"
        ),
        ("pulumi: {secretsProvider: 'mykms://a'}", "settings."),
      ] {
        let plan = try await pulumi("plan", manifest, environment: try pulumi.settings(settings + "\n"))
        #expect(plan.exit != .code(0), "\(settings)")
        #expect(plan.stderr.contains("[\(code)"), "\(settings): \(plan.stderr)")
      }
      #expect(try !LocalFiles.exists("\(pulumi.folder)/calls.ndjson") || pulumi.calls("preview").isEmpty)
    }
  }

  @Test func `another passphrase than the stack's is said to be that`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      var environment = try pulumi.settings("pulumi: {passphraseEnv: PASS}\n")
      environment["PASS"] = "another"
      let plan = try await pulumi("plan", manifest, "--output", "json", environment: environment)
      expect(plan, .credentials)
      #expect(plan.stdout.contains("The passphrase is not the stack's"))
    }
  }

  @Test func `no new passphrase takes the place of one that is gone`() async throws {
    try await StandInPulumi.run { pulumi in
      let manifest = try pulumi.manifest()
      expect(try await pulumi("apply", manifest, "--auto-approve"), .done)
      let path = "\(pulumi.stackjob.stateHome)/pulumi-passphrase"
      let passphrase = try LocalFiles.read(path)
      try LocalFiles.remove(path)
      let plan = try await pulumi("plan", manifest)
      expect(plan, .badData)
      #expect(plan.stderr.contains("pulumi-passphrase is gone") && !LocalFiles.exists(path))
      try LocalFiles.add(path, with: passphrase)
      expect(try await pulumi("plan", manifest), .done)
    }
  }

  @Test(arguments: ["folder", "archive"])
  func `plugins come from a folder, and from nowhere else unless that is allowed`(form: String) async throws {
    try await StandInPulumi.run { pulumi in
      let place = "plugins"
      let file = form == "folder" ? "resource-aws-v7.51.1/pulumi-resource-aws" : Self.archive
      let plugin = try pulumi.stackjob.file("\(place)/\(file)", "#!/bin/sh\n")
      chmod(plugin, 0o755)
      let folder = "\(pulumi.stackjob.folder)/\(place)"
      let environment = try pulumi.settings("pulumi: {plugins: [\(folder)]}\n")
      for _ in 0..<2 {
        expect(try await pulumi("plan", try pulumi.manifest(), environment: environment), .done)
      }
      let home = "\(pulumi.stackjob.stateHome)/cache/pulumi/plugins/resource-aws-v7.51.1/pulumi-resource-aws"
      #expect(access(home, form == "folder" ? X_OK : F_OK) == 0)
      #expect(try pulumi.calls("plugin").count == (form == "folder" ? 0 : 1), "it is installed once")
      func acquisition() throws -> JSONValue? {
        try pulumi.calls().last?["environment"]?["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"]
      }
      #expect(try acquisition() == "true")
      let allowed = try pulumi.settings("pulumi: {allowPluginDownload: true}\n")
      expect(try await pulumi("plan", try pulumi.manifest(), environment: allowed), .done)
      #expect(try acquisition() == nil)
    }
  }

  private static var archive: String {
    #if arch(arm64)
      "pulumi-resource-aws-v7.51.1-linux-arm64.tar.gz"
    #else
      "pulumi-resource-aws-v7.51.1-linux-amd64.tar.gz"
    #endif
  }

  @Test func `a missing plugin is said to be missing`() async throws {
    try await StandInPulumi.run { pulumi in
      try pulumi.control([
        "standard error": "no resource plugin 'pulumi-resource-aws' found in the workspace at version v7.51.1"
      ])
      let plan = try await pulumi("plan", try pulumi.manifest(), "--output", "json")
      expect(plan, .unavailable)
      #expect(plan.stdout.contains("A plugin is not to be had"))
    }
  }
}
