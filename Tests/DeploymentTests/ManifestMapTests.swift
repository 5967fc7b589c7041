import Deployment
import Digests
import LocalFiles
import Manifests
import StackModel
import Testing

@Suite struct ManifestMapTests {
  private let catalog = KindCatalog(roots: ["\(Fixture.root)/templates"])

  private func overlay(_ name: String, _ text: String) -> Overlay {
    var overlay = Overlay(name: name, path: "overlays/\(name)")
    overlay.manifestText = Array(text.utf8)
    return overlay
  }

  private let manifest = """
    apiVersion: kubernetes.project-planton.org/v1
    kind: MicroserviceKubernetes
    metadata:
      env: dev
      labels:
        planton.ai/git-branch: main
      name: web
    spec:
      container:
        app:
          env:
            variables:
              TEXT: |
                two

                lines
          image:
            repo: shop/web
            tag: "1"

    """

  @Test func `what is written is read back byte for byte, without local`() throws {
    let overlays = [overlay("dev", manifest), overlay("local", manifest), overlay("v1.0", manifest)]
    let text = try ManifestMap.text(of: overlays, name: "shop", namespace: "ci").get()
    let read = try ManifestMap.overlays(in: text, file: "shop.yaml", catalog: catalog).get()
    #expect(read.map(\.name) == ["dev", "v1.0"])
    #expect(read.allSatisfy { String(decoding: $0.manifestText, as: UTF8.self) == manifest })
    #expect(read.allSatisfy { $0.environment == "dev" && $0.labels[BranchPattern.label] == "main" })
    #expect(read.flatMap(\.problems).map(\.message) == [])
  }

  @Test func `values in base64, which other tools write, are read`() throws {
    let text = JSONValue.object([
      "apiVersion": "v1", "kind": "ConfigMap",
      "data": ["dev": .string(Base64.text(Array(manifest.utf8)))],
    ]).text()
    let read = try ManifestMap.overlays(in: Array(text.utf8), file: "-", catalog: catalog).get()
    #expect(read.map { String(decoding: $0.manifestText, as: UTF8.self) } == [manifest])
  }

  @Test func `base64 comes back as it went in, and nothing else is taken for it`() {
    for count in 0..<20 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      #expect(Base64.decode(Base64.text(bytes)) == bytes)
    }
    for text in ["a", "a===", "ab=c", "a:b", "ab"] { #expect(Base64.decode(text) == nil) }
  }

  @Test func `more than Kubernetes takes is refused, with the largest named`() {
    let large = overlay("prod", String(repeating: "x", count: ManifestMap.sizeLimit))
    guard
      case .failure(let failure) = ManifestMap.text(
        of: [overlay("dev", "a"), large],
        name: "a",
        namespace: nil
      )
    else {
      Issue.record("it was taken")
      return
    }
    #expect(failure.diagnostics.map(\.code) == ["configmap.size"])
    #expect(failure.diagnostics[0].hint?.contains("`prod`") == true)
  }

  @Test(arguments: [
    ("Shop", "dev", "configmap.name"), ("-", "dev", "configmap.name"), ("a", "d v", "configmap.key"),
  ])
  func `names that Kubernetes does not take are refused`(_ name: String, _ overlay: String, _ code: String) {
    let result = ManifestMap.text(of: [self.overlay(overlay, "a")], name: name, namespace: nil)
    guard case .failure(let failure) = result else {
      Issue.record("it was taken")
      return
    }
    #expect(failure.diagnostics.map(\.code) == [code])
  }

  @Test(arguments: ["kind: Secret\n", "- a\n", "a: 1\n---\nb: 1\n", "kind: ["])
  func `what is no ConfigMap is refused`(_ text: String) {
    let result = ManifestMap.overlays(in: Array(text.utf8), file: "x.yaml", catalog: catalog)
    #expect(throws: DiagnosticFailure.self) { try result.get() }
  }

  @Test func `a source is a file where it looks like one, else a name in the cluster`() {
    #expect(ManifestMapSource("-", namespace: nil) == .file("-"))
    #expect(ManifestMapSource("out/map", namespace: nil) == .file("out/map"))
    #expect(ManifestMapSource("map.yaml", namespace: nil) == .file("map.yaml"))
    #expect(ManifestMapSource("shop", namespace: "ci") == .cluster(name: "shop", namespace: "ci"))
  }
}
