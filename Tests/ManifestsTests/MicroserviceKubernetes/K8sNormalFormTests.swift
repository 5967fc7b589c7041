import Manifests
import StackModel
import Testing

/// The normal forms of whole manifests, compared as JSON. `STACKJOB_UPDATE_GOLDEN=1` writes them anew.
struct K8sNormalFormTests {
  private static let examples = "../../templates/MicroserviceKubernetes/examples"
  private static let good = "\(K8sFixtures.folder)/manifests"
  private static let image = "registry.example.com/my-service:1.0.0"

  @Test(arguments: Fixtures.names(in: examples, ending: ".yaml"))
  func `an example has the normal form beside the contract`(name: String) throws {
    try check("\(Self.examples)/\(name).yaml", name)
  }

  @Test(arguments: Fixtures.names(in: good, ending: ".yaml"))
  func `a manifest that keeps the rules gets its normal form`(name: String) throws {
    try check("\(Self.good)/\(name).yaml", name)
  }

  private func check(_ path: String, _ name: String) throws {
    // The documentation's manifests leave the image to the build.
    let isOpen = name.hasPrefix("documentation")
    let manifest = try K8sFixtures.manifest(at: path, image: isOpen ? Self.image : nil)
    let result = K8sFixtures.normalize(manifest, resolvesSecrets: false)
    #expect(EcsFixtures.lines(result.diagnostics.filter { $0.severity == .error }) == "")
    let golden = "\(K8sFixtures.folder)/normal-form/\(name).tfvars.json"
    let expected = Fixtures.text(golden).flatMap { try? JSONValue(parsing: $0) }
    if Fixtures.updatesGolden, expected != result.values {
      Fixtures.write(result.values.text(.pretty), to: golden)
    }
    #expect(result.values == Fixtures.text(golden).flatMap { try? JSONValue(parsing: $0) })
  }
}
