import Deployment
import LocalFiles
import Manifests
import StackModel
import Testing
import YAMLTree

#if canImport(Glibc)
  import Glibc
#endif

/// A new repository, built by the real kustomize.
@Suite struct StartTests {
  private let catalog = KindCatalog(roots: ["\(Fixture.root)/templates"])

  private func schema(_ kind: String) throws -> JSONValue {
    guard case .found(let definition) = catalog.find(kind) else {
      Issue.record("no kind \(kind)")
      return nil
    }
    return try MergeSchema.document([definition]).get()
  }

  private func build(_ folder: String) async throws -> [Overlay] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let stops = ChildStops()
    let tool = try await KustomizeTool.find(environment: ["PATH": path, "HOME": "/tmp"], stops: stops).get()
    let repository = try ServiceRepository.find(folder).get()
    let overlays = await repository.build(by: tool, catalog: catalog, stops: stops)
    return ServiceRepository.select(overlays, OverlaySelection(branch: "main"))
  }

  @Test(arguments: StarterPlatform.allCases)
  func `what is written builds and is in order`(_ platform: StarterPlatform) async throws {
    try await Fixture.inFolder { folder in
      let base = BaseManifest(platform: platform, name: "on", org: "acme")
      let start = RepositoryStart(
        base: base,
        environments: ["dev", "1"],
        mergeSchema: try schema(platform.kind)
      )
      try start.write(to: "\(folder)/_kustomize", replacing: false)
      let overlays = try await build(folder)
      #expect(overlays.flatMap(\.problems).map(\.message) == [])
      #expect(overlays.map(\.name) == ["1", "dev", "local"])
      #expect(overlays.map(\.environment) == ["1", "dev", nil])
      #expect(overlays.allSatisfy { $0.resourceName == "on" && $0.kind == platform.kind })
      #expect(start.existing(in: "\(folder)/_kustomize").count == start.files.count)
      #expect(throws: FileError.self) { try start.write(to: "\(folder)/_kustomize", replacing: false) }
    }
  }

  @Test func `a manifest becomes the base less what overlays say`() throws {
    let text = """
      # A comment.
      apiVersion: aws.project-planton.org/v1
      kind: AwsEcsService
      metadata:
        name: web
        env: demo # not here
        labels:
          planton.ai/git-branch: main
      spec:
        region: us-east-1

      """
    let document = try #require(YAMLReader.read(Array(text.utf8), file: "a.yaml").documents.first)
    let base = BaseManifest(text: text, document: document, platform: .ecs)
    #expect(
      base.text == """
        # A comment.
        apiVersion: aws.project-planton.org/v1
        kind: AwsEcsService
        metadata:
          name: web
        spec:
          region: us-east-1

        """
    )
    // A file from Windows keeps the ends of its lines.
    let windows = text.replacing("\n", with: "\r\n")
    let same = try #require(YAMLReader.read(Array(windows.utf8), file: "a.yaml").documents.first)
    #expect(
      BaseManifest(text: windows, document: same, platform: .ecs).text
        == base.text.replacing("\n", with: "\r\n")
    )
    let flow = "apiVersion: a\nkind: b\nmetadata: {name: web, env: demo}\n"
    let other = try #require(YAMLReader.read(Array(flow.utf8), file: "a.yaml").documents.first)
    #expect(BaseManifest(text: flow, document: other, platform: .ecs).text == flow)
  }

  @Test func `lists with a key are merged, others replaced`() async throws {
    try await Fixture.inFolder { folder in
      let base = BaseManifest(platform: .kubernetes, name: "web", org: nil)
      let start = RepositoryStart(
        base: base,
        environments: ["dev"],
        mergeSchema: try schema("MicroserviceKubernetes")
      )
      try start.write(to: "\(folder)/_kustomize", replacing: false)
      try Fixture.write(
        "\(folder)/_kustomize/overlays/dev/service.yaml",
        """
        apiVersion: kubernetes.project-planton.org/v1
        kind: MicroserviceKubernetes
        metadata:
          name: web
          env: dev
        spec:
          container:
            app:
              env:
                variables:
                  EXTRA: x
              ports:
                - name: http
                  servicePort: 8080
                - name: metrics
                  containerPort: 9090
                  servicePort: 9090
                  networkProtocol: TCP
                  appProtocol: http

        """
      )
      let overlay = try #require(try await build(folder).first { $0.name == "dev" })
      #expect(overlay.problems.map(\.message) == [])
      let tree = try #require(YAMLReader.read(overlay.manifestText, file: "built").documents.first)
      let ports = try #require(tree[FieldPath(keys: "spec", "container", "app", "ports")]?.list)
      #expect(ports.map { $0["name"]?.string } == ["http", "metrics"])
      #expect(ports.map { $0["servicePort"]?.int } == [8080, 9090])
      #expect(ports[0]["containerPort"]?.int == 8080, "the base's field is kept")
      let variables = tree[FieldPath(keys: "spec", "container", "app", "env", "variables")]
      #expect(variables?.mapping?.keys.sorted() == ["EXTRA", "LOG_LEVEL"])
    }
  }
}
