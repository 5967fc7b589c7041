import Manifests
import StackModel
import Testing

/// The problems of each file in `Fixtures/manifests/bad`, held against the `.txt` beside it.
///
/// `STACKJOB_UPDATE_GOLDEN=1` writes the files anew.
struct GoldenTests {
  private static let folder = "manifests/bad"

  @Test(arguments: Fixtures.names(in: folder, ending: ".yaml"))
  func `a bad manifest is told what is wrong with it`(name: String) throws {
    let bytes = try #require(Fixtures.bytes("\(Self.folder)/\(name).yaml"))
    let (manifests, diagnostics) = ManifestReader.read(bytes, file: "\(name).yaml", catalog: Fixtures.catalog)
    #expect(manifests.isEmpty)
    #expect(diagnostics.hasErrors)
    let actual = Fixtures.rendered(diagnostics)
    let golden = "\(Self.folder)/\(name).txt"
    if Fixtures.updatesGolden { Fixtures.write(actual, to: golden) }
    #expect(actual == Fixtures.text(golden))
  }

  @Test func `every golden file belongs to a manifest`() {
    let manifests = Fixtures.names(in: Self.folder, ending: ".yaml")
    #expect(!manifests.isEmpty)
    #expect(Fixtures.names(in: Self.folder, ending: ".txt") == manifests)
  }
}
