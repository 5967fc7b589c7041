import JobRunner
import LocalFiles
import Manifests
import StackModel
import Testing
import Translation

@testable import Commands

@Suite struct BackendChoiceTests {
  private func choose(labels: String, settings: Settings = Settings()) throws -> Result<
    StateBackend, DiagnosticFailure
  > {
    var root = LocalFiles.absolute(#filePath)
    while !LocalFiles.isFile("\(root)/Package.swift") { root = LocalFiles.parent(of: root) }
    let text = """
      apiVersion: aws.planton.dev/v1
      kind: AwsEcsService
      metadata: {name: web, org: acme, env: prod, labels: {\(labels)}}
      spec:
        clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
        container: {cpu: 256, memory: 512}
        network: {subnets: [subnet-0123456789abcdef0]}
      """
    let (manifests, problems) = ManifestReader.read(
      Array(text.utf8),
      file: "web.yaml",
      catalog: KindCatalog(roots: ["\(root)/templates"])
    )
    let manifest = try #require(manifests.first, "\(problems)")
    let stack = try #require(StackID("acme/prod/AwsEcsService/web"))
    return BackendChoice(stack: stack, settings: settings, stateHome: "/home/user/state").choose(manifest)
  }

  private func configuration(_ result: Result<StateBackend, DiagnosticFailure>) -> JSONValue? {
    guard case .success(.external(_, let configuration)) = result else { return nil }
    return configuration
  }

  private func settings(_ type: String, _ configuration: JSONValue = [:]) -> Settings {
    var settings = Settings()
    settings.backends = [
      Settings.BackendRule(
        match: [:],
        type: type,
        configuration: configuration,
        location: SourceLocation(file: "settings.yaml")
      )
    ]
    return settings
  }

  @Test func `without a word the state is ours`() throws {
    guard case .success(.managed) = try choose(labels: "") else {
      Issue.record("not managed")
      return
    }
  }

  @Test func `labels win over rules, and the stack's name is the key`() throws {
    let labels = #""terraform.planton.dev/backend.type": s3, "terraform.planton.dev/backend.bucket": b"#
    let chosen = configuration(try choose(labels: labels, settings: settings("local")))
    #expect(chosen == ["bucket": "b", "key": "acme/prod/AwsEcsService/web.tfstate"])
  }

  @Test(
    arguments: [
      ("gcs", "prefix", "acme/prod/AwsEcsService/web"),
      ("azurerm", "key", "acme/prod/AwsEcsService/web.tfstate"),
      ("local", "path", "/home/user/state/stacks/acme/prod/AwsEcsService/web/terraform.tfstate"),
    ])
  func `each backend gets a place of the stack's own`(type: String, key: String, place: String) throws {
    #expect(configuration(try choose(labels: "", settings: settings(type)))?[key]?.string == place)
    let given = configuration(try choose(labels: "", settings: settings(type, [key: "/mine"])))
    #expect(given?[key] == "/mine")
  }

  @Test func `a relative path and an unknown backend are refused`() throws {
    guard case .failure(let path) = try choose(labels: "", settings: settings("local", ["path": "state"])),
      case .failure(let type) = try choose(labels: #""tofu.planton.dev/backend.type": s4"#)
    else {
      Issue.record("not refused")
      return
    }
    #expect(path.diagnostics.first?.code == "backend.path")
    #expect(type.diagnostics.first?.hint == "did you mean `s3`?")
  }

  @Test func `text in a configuration never becomes a template`() {
    let backend = StateBackend.external(
      type: "s3",
      configuration: ["bucket": "a${file(\"/etc/passwd\")}%{if x}"]
    )
    let text = String(decoding: backend.file.bytes, as: UTF8.self)
    #expect(text.contains(#"a$${file(\"/etc/passwd\")}%%{if x}"#))
  }
}
