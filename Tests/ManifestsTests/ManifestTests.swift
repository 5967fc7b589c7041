import Manifests
import StackModel
import Testing
import YAMLTree

/// Reads the good manifest with what the command line adds.
func readGood(
  set: [String] = [],
  image: String? = nil,
  versionTag: String? = nil
) throws -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
  let bytes = try #require(Fixtures.bytes("manifests/good/full.yaml"))
  let overrides = try set.map { try #require(Override.parse($0).override) }
  return ManifestReader.read(
    bytes,
    file: "full.yaml",
    catalog: Fixtures.catalog,
    overrides: overrides,
    image: image,
    versionTag: versionTag
  )
}

struct ManifestTests {
  @Test func `a good manifest is read whole`() throws {
    let (manifests, diagnostics) = try readGood()
    #expect(diagnostics.isEmpty)
    let manifest = try #require(manifests.first)
    #expect(manifests.count == 1)
    #expect(manifest.kind.kind == "Sample")
    #expect(manifest.apiVersion == "test.stackjob.dev/v1")
    #expect([manifest.name, manifest.org, manifest.env] == ["web", "acme", "prod"])
    #expect(manifest.labels == ["team": "core", "a.b/c": "yes"])
    #expect(manifest.location == SourceLocation(file: "full.yaml", line: 2, column: 1))
    #expect(manifest.spec["launchType"]?.string == "FARGATE")
    #expect(manifest.spec["scaling"]?.json == ["maxTasks": 10, "enabled": false, "minTasks": 1])
    #expect(manifest.spec["container"]?["readOnly"]?.bool == true)
    #expect(manifest.spec["sidecars"]?[0]?["port"]?.int == 9090)
    #expect(
      manifest.spec["sidecars"]?[0]?["env"]?["variables"]?.stringMap?.map(\.key) == [
        "GREETING", "FLAG", "UNICODE",
      ]
    )
  }

  @Test func `a view reads by field and knows its path and place`() throws {
    let spec = try #require(try readGood().manifests.first).spec
    let variables = try #require(spec["container"]?["env"]?["variables"]?.stringMap)
    #expect(variables.map(\.value) == ["Hello\nworld\n", "on", "héllo 🌍"])
    let flag = try #require(variables.first { $0.key == "FLAG" })
    #expect(
      flag.view.error("x.y", "no", hint: "z")
        == .error(
          "x.y",
          "no",
          at: SourceLocation(file: "full.yaml", line: 20, column: 15),
          path: "spec.container.env.variables.FLAG",
          hint: "z"
        )
    )
    #expect(spec["sidecars"]?.list?.map(\.path.description) == ["spec.sidecars[0]", "spec.sidecars[1]"])
    #expect(spec["subnets"]?.strings == ["subnet-a", "subnet-b"])
    #expect(spec["nothing"]?["below"]?.string == nil)
    #expect(spec["container"]?["port"]?.double == 8080)
    #expect(spec["container"]?["port"]?.string == nil)
  }

  private static let overrides: [(argument: String, path: String, value: JSONValue)] = [
    ("spec.container.port=81", "spec.container.port", 81),
    ("spec.container.read_only=false", "spec.container.readOnly", false),
    ("spec.container.readOnly=false", "spec.container.readOnly", false),
    ("spec.version=1.10", "spec.version", "1.10"),
    ("spec.version=true", "spec.version", "true"),
    ("spec.version=", "spec.version", ""),
    ("spec.version='quoted'", "spec.version", "quoted"),
    ("spec.version=a: b # c ", "spec.version", "a: b # c "),
    ("spec.version=[a", "spec.version", "[a"),
    ("spec.version=a=b", "spec.version", "a=b"),
    ("spec.container.command=[a, 1]", "spec.container.command", ["a", "1"]),
    ("spec.scaling={minTasks: 2}", "spec.scaling", ["minTasks": 2, "enabled": false, "maxTasks": 1]),
    ("spec.container.env.variables.NEW_ONE=5", "spec.container.env.variables.NEW_ONE", "5"),
    (#"metadata.labels."x.y/z"=on"#, #"metadata.labels."x.y/z""#, "on"),
    ("spec.sidecars[1].port=7", "spec.sidecars[1].port", 7),
    ("spec.subnets[2]=subnet-c", "spec.subnets[2]", "subnet-c"),
    ("spec.scaling.targetCpuPercent=60.5", "spec.scaling.targetCpuPercent", .number("60.5")),
    ("spec.role=12", "spec.role", "12"),
    ("spec.role={value: x}", "spec.role", ["value": "x"]),
    ("spec.storage.fileSystemId=fs-1", "spec.storage.fileSystemId", "fs-1"),
    ("spec.container.image=nginx:1", "spec.container.image", "nginx:1"),
  ]

  @Test(arguments: overrides)
  func `a value set by flag has the type its schema wants`(argument: String, path: String, value: JSONValue)
    throws
  {
    let (manifests, diagnostics) = try readGood(set: [argument])
    #expect(!diagnostics.hasErrors)
    let tree = try #require(manifests.first).tree
    let node = try #require(tree[try FieldPath(parsing: path)])
    #expect(node.json == value)
    #expect(node.location.file.hasPrefix("--set ") && node.location.line == 0)
  }

  private static let wrong: [(argument: String, code: String, hint: String?)] = [
    ("spec.contaner.port=1", "manifest.unknown-field", "did you mean `spec.container`?"),
    ("spec.port=1", "manifest.unknown-field", "did you mean `spec.container.port`?"),
    ("spec.container.port.x=1", "manifest.unknown-field", "`spec.container.port` has no fields"),
    ("spec.container[0]=1", "manifest.unknown-field", nil),
    ("spec.container.port=many", "manifest.type", nil),
    ("spec.container.port=70000", "manifest.range", nil),
    ("spec.container.port=[1", "override.value", "put text that holds , [ ] { } in quotes"),
    ("spec.subnets[9]=x", "override.path", nil),
    ("spec.container.readOnly=yes", "manifest.type", "YAML 1.2 reads yes as text; write true"),
  ]

  @Test(arguments: wrong)
  func `a wrong value set by flag names the flag`(argument: String, code: String, hint: String?) throws {
    let (manifests, diagnostics) = try readGood(set: [argument])
    #expect(manifests.isEmpty)
    #expect(diagnostics.map(\.code) == [code])
    #expect(diagnostics.first?.hint == hint)
    let flag = "--set " + argument.prefix { $0 != "=" }
    #expect(diagnostics.first?.location == SourceLocation(file: flag))
  }

  @Test(arguments: ["", "spec", "=1", ".a=1", "a[x]=1"])
  func `an argument that is no setting is refused`(argument: String) {
    let (override, diagnostics) = Override.parse(argument)
    #expect(override == nil)
    #expect(diagnostics.map(\.code) == ["override.syntax"])
  }

  private static let images: [(text: String, repo: String, tag: String?, digest: String?)] = [
    ("nginx:1.27", "nginx", "1.27", nil),
    ("host:5000/app:1.2", "host:5000/app", "1.2", nil),
    ("host:5000/a/b@sha256:" + digits, "host:5000/a/b", nil, "sha256:" + digits),
    ("app:1@sha256:" + digits, "app", "1", "sha256:" + digits),
  ]
  private static let digits = String(repeating: "0a", count: 32)

  @Test(arguments: images)
  func `an image is split into repository, tag and digest`(
    text: String,
    repo: String,
    tag: String?,
    digest: String?
  ) {
    let (image, diagnostics) = ImageReference.parse(text)
    #expect(diagnostics.isEmpty)
    #expect(image == ImageReference(repo: repo, tag: tag, digest: digest))
  }

  @Test(arguments: [
    "", ":1", "nginx", "host:5000/app", "app:", "app:-x", "a b:1", "app@sha256:12", "app@md5:aa", "@",
  ])
  func `an image without what tells its version is refused`(text: String) {
    let (image, diagnostics) = ImageReference.parse(text)
    #expect(image == nil)
    #expect(diagnostics.map(\.code) == ["image.syntax"])
    #expect(diagnostics.first?.hint != nil)
  }

  @Test func `image and version are put where the kind says`() throws {
    let (manifests, diagnostics) = try readGood(image: "host:5000/new:2", versionTag: "2024")
    #expect(diagnostics.isEmpty)
    #expect(manifests.first?.spec["container"]?["image"]?.json == ["repo": "host:5000/new", "tag": "2"])
    #expect(manifests.first?.spec["version"]?.string == "2024")
    let digest = "sha256:" + Self.digits
    let second = try readGood(image: "new@\(digest)").manifests.first
    #expect(second?.spec["container"]?["image"]?["digest"]?.string == digest)
  }

  @Test func `a field set by hand wins over the image`() throws {
    let manifest = try readGood(set: ["spec.container.image.tag=3"], image: "new:2").manifests.first
    #expect(manifest?.spec["container"]?["image"]?.json == ["repo": "new", "tag": "3"])
  }

  @Test func `the good documents of a file are read beside bad ones`() throws {
    let good = try #require(Fixtures.text("manifests/good/full.yaml"))
    let (manifests, diagnostics) = ManifestReader.read(
      Array("\(good)\n---\nkind: Nothing\n".utf8),
      file: "f",
      catalog: Fixtures.catalog
    )
    #expect(manifests.count == 1)
    #expect(diagnostics.map(\.code) == ["manifest.unknown-kind"])
  }
}
