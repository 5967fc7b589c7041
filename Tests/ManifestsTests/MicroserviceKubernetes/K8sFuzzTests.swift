import Manifests
import StackModel
import Testing

/// Whatever passes the schema has a normal form or a reason. The numbers are seeded, so a failure comes again.
struct K8sFuzzTests {
  private static let folder = "\(K8sFixtures.folder)/manifests"

  @Test(arguments: Fixtures.names(in: folder, ending: ".yaml"))
  func `a manifest with lines left out or doubled is read or refused`(name: String) throws {
    let text = try #require(Fixtures.text("\(Self.folder)/\(name).yaml"))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for index in lines.indices {
      var shorter = lines
      shorter.remove(at: index)
      normalize(shorter.joined(separator: "\n"))
    }
  }

  @Test(arguments: [
    "\"\"", "0", "-1", "99999999999", "a/b", "::/0", "1e400", "$secrets-group/a/b", "{}", "[]",
  ])
  func `any value in the place of any other is read or refused`(value: String) throws {
    let text = try #require(Fixtures.text("\(Self.folder)/other-forms.yaml"))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for index in lines.indices {
      guard let colon = lines[index].lastIndex(of: ":") else { continue }
      var changed = lines.map(String.init)
      changed[index] = "\(lines[index][...colon]) \(value)"
      normalize(changed.joined(separator: "\n"))
    }
  }

  private func normalize(_ text: String) {
    let (manifests, _) = ManifestReader.read(
      Array(text.utf8),
      file: "f",
      catalog: EcsFixtures.catalog,
      image: nil
    )
    for manifest in manifests {
      let result = K8sFixtures.normalize(manifest, resolvesSecrets: false)
      #expect(result.values.isNull == result.diagnostics.hasErrors || !manifest.unresolvedReferences.isEmpty)
    }
  }
}
