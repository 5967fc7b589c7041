import Manifests
import StackModel
import Testing
import YAMLTree

struct CatalogTests {
  private static let broken = "\(Fixtures.directory)/templates-broken"

  @Test func `kinds are listed from kind_yaml alone`() throws {
    let (kinds, diagnostics) = Fixtures.catalog.summaries()
    #expect(diagnostics.isEmpty)
    let kind = try #require(kinds.first)
    #expect(kinds.count == 1)
    #expect([kind.kind, kind.title, kind.description] == ["Sample", "Sample", "A kind for tests alone."])
    #expect(kind.apiVersions == ["test.stackjob.dev/v1", "test.stackjob.dev/v1alpha1"])
    #expect(kind.provider == "sandbox")
    #expect(kind.directory == "\(Fixtures.directory)/templates/Sample")
  }

  @Test func `a kind is read whole`() throws {
    guard case .found(let kind) = Fixtures.catalog.find("Sample") else {
      Issue.record("the kind was not found")
      return
    }
    #expect(kind.injectImagePath?.description == "spec.container.image")
    #expect(kind.injectVersionPath?.description == "spec.version")
    #expect(kind.outputs.map(\.name) == ["url", "password"])
    #expect(kind.outputs.map(\.isSensitive) == [false, true])
    #expect(kind.fieldMap.variables == ["name": "metadata.name"])
    #expect(kind.fieldMap.resources == ["sandbox_thing.main": "spec"])
  }

  @Test func `a kind is found under a name it had before, and keeps its own`() throws {
    let text = "{kind: Specimen, apiVersion: test.stackjob.dev/v1, metadata: {name: web}, spec: {}}"
    guard case .found(let kind) = Fixtures.catalog.find("Specimen") else {
      Issue.record("the alias was not found")
      return
    }
    #expect(kind.kind == "Sample")
    #expect(kind.aliases == ["Specimen"])
    #expect(!Fixtures.catalog.kindNames().contains("Specimen"))
    let (manifests, diagnostics) = ManifestReader.read(
      Array(text.utf8),
      file: "f",
      catalog: Fixtures.catalog
    )
    #expect(!diagnostics.contains { $0.path == "kind" })
    #expect(manifests.allSatisfy { $0.kind.kind == "Sample" })
    guard case .unknown(let nearest) = Fixtures.catalog.find("Specimem") else {
      Issue.record("a misspelt alias was found")
      return
    }
    #expect(nearest == "Specimen")
  }

  @Test func `an earlier root hides a later one and a missing root is empty`() throws {
    let catalog = KindCatalog(roots: ["/nowhere", "\(Fixtures.directory)/templates", Self.broken])
    #expect(catalog.kindNames().contains("Sample") && catalog.kindNames().contains("Other"))
    #expect(catalog.directory(of: "Sample") == "\(Fixtures.directory)/templates/Sample")
    #expect(KindCatalog(roots: ["/nowhere"]).kindNames().isEmpty)
  }

  @Test(arguments: ["../templates/Sample", "Sample/..", "", ".", "Sample\0x", "a b"])
  func `a kind's name cannot lead to another folder`(name: String) {
    guard case .unknown = Fixtures.catalog.find(name) else {
      Issue.record("\(name) was looked for")
      return
    }
  }

  private static let problems: [(kind: String, rendered: String)] = [
    ("Other", "Other/kind.yaml:1:7 kind.invalid the folder is named Other; both must be the same"),
    ("BadYAML", "BadYAML/kind.yaml:5:1 yaml.duplicate-key `title` is already set at line 2, column 1"),
    ("BadJSON", "BadJSON/schema.json:3:8 schema.invalid this is not JSON: expected a value"),
    (
      "BadKeyword",
      "BadKeyword/schema.json:3:32 schema.invalid the keyword `maximun` is not supported"
    ),
    ("BadPath", "BadPath/kind.yaml:7:12 kind.invalid a name is missing in the path"),
    ("NoSchema", "NoSchema/schema.json file.missing there is no such file"),
    ("WrongInject", "WrongInject/kind.yaml:6:10 kind.invalid `spec.image` is not a field in schema.json"),
    ("Extra", "Extra/kind.yaml:7:1 manifest.unknown-field `output` is not a field of the document"),
  ]

  @Test(arguments: problems)
  func `what is wrong in a kind's folder is told with its place`(kind: String, rendered: String) {
    let catalog = KindCatalog(roots: [Self.broken])
    guard case .broken(let diagnostics) = catalog.find(kind) else {
      Issue.record("\(kind) was not refused")
      return
    }
    #expect(
      diagnostics.map { diagnostic in
        "\(diagnostic.location.map { "\($0)" } ?? "") \(diagnostic.code) \(diagnostic.message)"
      } == ["\(Self.broken)/\(rendered)"]
    )
  }

  @Test func `a manifest of a broken kind says what is wrong with the kind`() {
    let (manifests, diagnostics) = ManifestReader.read(
      Array("{kind: BadKeyword, apiVersion: v1}".utf8),
      file: "f",
      catalog: KindCatalog(roots: [Self.broken])
    )
    #expect(manifests.isEmpty)
    #expect(diagnostics.map(\.code) == ["schema.invalid"])
  }
}

struct ExplainTests {
  private func explain(_ path: String?) throws -> (explanation: Explanation?, diagnostics: [Diagnostic]) {
    guard case .found(let kind) = Fixtures.catalog.find("Sample") else { return (nil, []) }
    return Explain.explain(kind.schema, path: try path.map { try FieldPath(parsing: $0) })
  }

  @Test func `the whole kind is explained by its top fields`() throws {
    let whole = try #require(try explain(nil).explanation)
    #expect(whole.path == nil)
    #expect(whole.types == ["object"])
    #expect(whole.children.map(\.name) == ["apiVersion", "kind", "metadata", "spec"])
    #expect(whole.children.map(\.isRequired) == [true, true, true, true])
  }

  @Test func `a field is explained with all that its schema says`() throws {
    let field = try #require(try explain("spec.launch_type").explanation)
    #expect(field.path?.description == "spec.launchType")
    #expect(field.types == ["string"])
    #expect(field.description == "Where it runs.")
    #expect(!field.isRequired)
    #expect(field.defaultValue == "FARGATE")
    #expect(field.allowed == ["FARGATE", "EC2", "EXTERNAL"])
    let name = try #require(try explain("metadata.name").explanation)
    #expect(name.isRequired)
    #expect(name.examples == ["web", "order-api"])
    #expect(name.limits == ["from 2 to 20 characters", "matches ^[a-z][a-z0-9-]*$"])
    #expect(try explain("spec.container.port").explanation?.limits == ["from 1 to 65535"])
  }

  @Test func `lists, maps and alternatives are explained by what they hold`() throws {
    let list = try #require(try explain("spec.sidecars").explanation)
    #expect(list.elementTypes == ["object"])
    #expect(list.children.first { $0.name == "image" }?.isRequired == true)
    #expect(try explain("spec.sidecars.port").explanation?.types == ["integer"])
    #expect(try explain("spec.sidecars[0].port").explanation?.types == ["integer"])
    #expect(try explain("metadata.labels").explanation?.otherFields == ["string"])
    #expect(try explain("metadata.labels.any").explanation?.types == ["string"])
    let storage = try #require(try explain("spec.storage").explanation)
    #expect(storage.children.map(\.name) == ["type", "path", "fileSystemId", "readOnly"])
    #expect(try explain("spec.role").explanation?.types == ["string", "object"])
    #expect(try explain("spec.replicas").explanation?.isDeprecated == true)
  }

  @Test(arguments: [
    ("spec.contaner", "did you mean `spec.container`?"),
    ("spec.port", "`port` is a field of spec.container or spec.sidecars[]"),
    ("spec.zzz", nil), ("spec[0]", nil), ("spec.container.port.x", nil),
  ])
  func `a wrong path has a suggestion where there is one`(path: String, hint: String?) throws {
    let (explanation, diagnostics) = try explain(path)
    #expect(explanation == nil)
    #expect(diagnostics.map(\.code) == ["explain.unknown-field"])
    #expect(diagnostics.first?.hint == hint)
  }
}
