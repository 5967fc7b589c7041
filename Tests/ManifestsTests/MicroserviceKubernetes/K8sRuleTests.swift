import Manifests
import StackModel
import Testing

/// The problems of each manifest in `Fixtures/MicroserviceKubernetes/bad`, held against the `.txt` beside it.
///
/// A file is named by the rule it breaks and the way it does. `STACKJOB_UPDATE_GOLDEN=1` writes the texts
/// anew.
struct K8sRuleTests {
  private static let folder = "\(K8sFixtures.folder)/bad"

  @Test(arguments: Fixtures.names(in: folder, ending: ".yaml"))
  func `a manifest with one mistake is told which`(name: String) throws {
    // Rules need no values, and no groups: validate has neither.
    let manifest = try EcsFixtures.manifest(at: "\(Self.folder)/\(name).yaml")
    let result = NormalForm.normalize(manifest, inputs: K8sFixtures.inputs())
    let code = try #require(Self.codes.filter { name.hasPrefix("\($0)-") }.max { $0.count < $1.count })
    #expect(result.diagnostics.contains { $0.code == code })
    #expect(result.diagnostics.allSatisfy { $0.code == code }, "one mistake, several rules")
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

  private struct Rule {
    var code: String
    var isWarning: Bool
  }

  /// The tables of NORMAL-FORM.md.
  private static let rules: [Rule] = {
    let text = Fixtures.text("../../templates/MicroserviceKubernetes/NORMAL-FORM.md") ?? ""
    return text.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| `k8s."), let code = line.split(separator: "`").dropFirst().first else {
        return nil
      }
      return Rule(code: String(code), isWarning: line.contains("*warning*"))
    }
  }()
  private static let codes = rules.map(\.code)

  @Test func `every rule of the contract has a manifest that breaks it`() {
    #expect(Self.codes.count > 85)
    #expect(Set(Self.codes).count == Self.codes.count)
    let names = Fixtures.names(in: Self.folder, ending: ".yaml")
    for code in Self.codes {
      let own = names.filter { name in
        Self.codes.filter { name.hasPrefix("\($0)-") }.max { $0.count < $1.count } == code
      }
      #expect(!own.isEmpty, "\(code) has no fixture")
    }
  }

  @Test func `warnings and errors are those of the contract`() {
    let rules = Dictionary(uniqueKeysWithValues: Self.rules.map { ($0.code, $0.isWarning) })
    for name in Fixtures.names(in: Self.folder, ending: ".txt") {
      for line in (Fixtures.text("\(Self.folder)/\(name).txt") ?? "").split(separator: "\n") {
        guard let start = line.firstRange(of: " [k8s.") else { continue }
        let code = "k8s." + line[start.upperBound...].prefix { $0 != "]" }
        #expect(rules[code] != nil, "\(code) in \(name)")
        // Names of variables are the one thing that is an error or a warning by how wrong they are.
        if code == "k8s.env.name" { continue }
        #expect(line.contains(" warning: ") == rules[code], "\(code) in \(name)")
      }
    }
  }
}
