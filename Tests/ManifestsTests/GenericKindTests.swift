import Manifests
import StackModel
import Testing

/// A kind without code of its own, whose schema says where references may stand.
struct GenericKindTests {
  private func result(_ spec: String) throws -> NormalFormResult {
    let source = "apiVersion: example.org/v1\nkind: Plain\nmetadata: {name: a}\nspec: \(spec)\n"
    let (manifests, problems) = ManifestReader.read(
      Array(source.utf8),
      file: "a.yaml",
      catalog: KindCatalog(roots: ["\(Fixtures.directory)/templates-references"])
    )
    let manifest = try #require(manifests.first, "\(Fixtures.rendered(problems))")
    let (resolved, unresolved) = manifest.resolving(K8sFixtures.groups)
    #expect(unresolved == [])
    return NormalForm.normalize(resolved, inputs: EcsFixtures.inputs())
  }

  @Test func `a marked field has the value behind its reference, others stay as they are`() throws {
    let result = try result("{host: $variables-group/database/host, note: $variables-group/database/host}")
    #expect(
      result.values == [
        "host": "postgres.data.svc.cluster.local", "note": "$variables-group/database/host",
      ]
    )
  }

  @Test func `a secret would be in plan and state, so it is refused`() throws {
    for field in ["host", "token"] {
      let result = try result("{\(field): $secrets-group/database/password}")
      #expect(result.diagnostics.map(\.code) == ["reference.secret"])
      #expect(result.values.isNull)
    }
  }

  @Test func `a reference has a group and an entry`() throws {
    #expect(try result("{host: $variables-group/database}").diagnostics.map(\.code) == ["reference.form"])
  }
}
