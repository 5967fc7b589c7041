import Manifests
import StackModel
import Testing

/// The problems of each manifest in `Fixtures/AwsEcsService/bad`, held against the `.txt` beside it.
///
/// A file is named by the rule it breaks and the way it does. `STACKJOB_UPDATE_GOLDEN=1` writes the texts
/// anew.
struct EcsRuleTests {
  private static let folder = "AwsEcsService/bad"

  @Test(arguments: Fixtures.names(in: folder, ending: ".yaml"))
  func `a manifest with one mistake is told which`(name: String) throws {
    let result = EcsFixtures.normalize(try EcsFixtures.manifest(at: "\(Self.folder)/\(name).yaml"))
    let code = try #require(Self.codes.filter { name.hasPrefix("\($0)-") }.max { $0.count < $1.count })
    #expect(result.diagnostics.contains { $0.code == code })
    #expect(result.values.isNull == result.diagnostics.hasErrors)
    let actual = EcsFixtures.lines(result.diagnostics)
    let golden = "\(Self.folder)/\(name).txt"
    if Fixtures.updatesGolden { Fixtures.write(actual, to: golden) }
    #expect(actual == Fixtures.text(golden))
  }

  @Test func `every golden text belongs to a manifest`() {
    let manifests = Fixtures.names(in: Self.folder, ending: ".yaml")
    #expect(!manifests.isEmpty)
    #expect(Fixtures.names(in: Self.folder, ending: ".txt") == manifests)
  }

  /// The codes in the tables of NORMAL-FORM.md.
  private static let codes: [String] = {
    let text = Fixtures.text("../../templates/AwsEcsService/NORMAL-FORM.md") ?? ""
    return text.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| `ecs.") else { return nil }
      return line.split(separator: "`").dropFirst().first.map(String.init)
    }
  }()

  @Test func `every rule of the contract has a manifest that breaks it`() {
    #expect(Self.codes.count > 100)
    #expect(Set(Self.codes).count == Self.codes.count)
    let names = Fixtures.names(in: Self.folder, ending: ".yaml")
    for code in Self.codes {
      #expect(names.contains { $0.hasPrefix("\(code)-") }, "\(code) has no fixture")
    }
  }

  @Test func `every code that a manifest is told is in the contract`() {
    let known = Set(Self.codes)
    for name in Fixtures.names(in: Self.folder, ending: ".txt") {
      let text = Fixtures.text("\(Self.folder)/\(name).txt") ?? ""
      for part in text.split(separator: "[ecs").dropFirst() {
        let code = "ecs" + part.prefix { $0 != "]" }
        #expect(code.contains(" ") || known.contains(code), "\(code) in \(name)")
      }
    }
  }
}
