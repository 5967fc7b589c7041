import ArgumentParser
import Manifests
import StackModel
import Testing
import Translation

@testable import Commands

/// `--references`: which commands need it, and what becomes of what it brings.
struct ReferenceTests {
  private static let repository =
    "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  private static let catalog = KindCatalog(roots: ["\(repository)/templates"])
  private static let manifest =
    "\(repository)/Tests/Fixtures/MicroserviceKubernetes/manifests/documentation-dev.yaml"
  private static let groups = ["variables", "secrets"].map {
    "\(repository)/examples/k8s-service/references/\($0).yaml"
  }

  private func load(_ references: [String]) throws -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
    let flags = references.flatMap { ["--references", $0] } + ["--image", "example.com/my-service:1"]
    let options = try ManifestOptions.parse([Self.manifest] + flags)
    return ManifestLoading.load(options, catalog: Self.catalog)
  }

  private func program(_ manifest: Manifest, needsSecrets: Bool) -> (
    secrets: [String: Secret]?, codes: [String]
  ) {
    switch JobPreparation.program(manifest, environment: [:], needsSecrets: needsSecrets) {
    case .success(let built): (built.program.secrets["secret_values"], [])
    case .failure(let failure): (nil, failure.diagnostics.map(\.code))
    }
  }

  @Test func `a job that writes secrets is told of every open reference`() throws {
    let (manifests, problems) = try load([])
    #expect(problems == [])
    let manifest = try #require(manifests.first)
    let codes = program(manifest, needsSecrets: true).codes
    #expect(codes == Array(repeating: "reference.unresolved", count: 4))
  }

  @Test func `a job that writes none does without, and gives the module a text for each key`() throws {
    let manifest = try #require(try load([]).manifests.first)
    let secrets = program(manifest, needsSecrets: false).secrets
    #expect(
      secrets == [
        "my-service-env-secrets/API_KEY": Secret("-"),
        "my-service-env-secrets/DATABASE_PASSWORD": Secret("-"),
      ]
    )
  }

  @Test func `the values of all given files go to the module`() throws {
    let (manifests, problems) = try load(Self.groups)
    #expect(problems == [])
    let manifest = try #require(manifests.first)
    #expect(
      program(manifest, needsSecrets: true).secrets == [
        "my-service-env-secrets/API_KEY": Secret("example-key"),
        "my-service-env-secrets/DATABASE_PASSWORD": Secret("example-password"),
      ]
    )
  }

  @Test func `what one file lacks is told for the whole manifest`() throws {
    let (_, problems) = try load([Self.groups[0]])
    #expect(problems.map(\.code) == ["reference.group", "reference.group"])
    #expect(problems.map { $0.location?.line } == [16, 17])
  }

  @Test func `a file that is not there is told once`() throws {
    let (_, problems) = try load(["/nowhere/groups.yaml"])
    #expect(problems.map(\.code) == ["file.missing"])
  }
}
