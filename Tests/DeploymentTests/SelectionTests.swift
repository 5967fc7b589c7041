import Deployment
import StackModel
import Testing

/// Which overlays are deployed: every example of the published documentation, and what it leaves open.
@Suite struct SelectionTests {
  struct Branch: Sendable, CustomTestStringConvertible {
    var pattern: String
    var branch: String
    var matches: Bool

    init(_ pattern: String, _ branch: String, _ matches: Bool) {
      (self.pattern, self.branch, self.matches) = (pattern, branch, matches)
    }

    var testDescription: String { "`\(pattern)` \(matches ? "matches" : "does not match") `\(branch)`" }
  }

  @Test(arguments: [
    // As documented.
    Branch("main", "main", true), Branch("main", "main2", false), Branch("main", "mai", false),
    Branch("dev-*", "dev-feature", true), Branch("dev-*", "dev-hotfix", true),
    Branch("dev-*", "dev-123", true),
    Branch("feature/*", "feature/login", true), Branch("feature/*", "feature/checkout", true),
    Branch("*", "main", true), Branch("*", "dev-feature", true), Branch("*", "release-1.0", true),
    Branch("release-*-hotfix", "release-1.0-hotfix", true),
    Branch("release-*-hotfix", "release-2.1-hotfix", true),
    Branch("release-*-hotfix", "release-1.0", false), Branch("release-*", "release-1.0", true),
    Branch("dev", "Dev", false), Branch("dev-?", "dev-1", true), Branch("dev-?", "dev-12", false),
    Branch("dev-?", "dev-", false),
    // One comment of the documentation says that this matches; its rules say that it does not.
    Branch("dev-*", "dev", false),
    // Left open: a star crosses slashes, nothing is trimmed, all else is literal.
    Branch("*", "feature/login", true), Branch("feature/*", "feature/a/b", true),
    Branch("feature/?", "feature/é", true), Branch("a?c", "a/c", true), Branch(" main", "main", false),
    Branch("*a*b*", "xaybz", true), Branch("*a*b*", "xbya", false), Branch("a.c", "abc", false),
    Branch("*-*", "a-b-c", true), Branch("**", "x", true), Branch("", "main", false),
    Branch("main*", "main", true),
  ])
  func `a pattern is compared with the whole name of the branch`(_ row: Branch) {
    #expect(BranchPattern(row.pattern).matches(row.branch) == row.matches)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pattern of many stars is told at once`() {
    let pattern = BranchPattern(String(repeating: "*a", count: 500) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 5000)))
  }

  @Test(arguments: ["", "dev-[12]", "a~b", "a b", "a\\*", "refs/heads/main", "a^", "a:b", "a\tb"])
  func `a pattern that no branch can match is refused`(_ text: String) {
    #expect(BranchPattern(text).flaw != nil)
  }

  @Test(arguments: ["main", "*", "dev-?", "feature/{a,b}", "über/*", "@home!"])
  func `a pattern that some branch can match is taken`(_ text: String) {
    #expect(BranchPattern(text).flaw == nil)
  }

  struct Choice: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Overlay to label.
    var overlays: [String: String?]
    var branch: String?
    var environments: [String] = []
    var selected: Set<String>
  }

  private static let threeStages: [String: String?] = [
    "dev": "dev-*", "staging": "main", "prod": "release-*",
  ]
  private static let plain: [String: String?] = ["dev": nil, "stage": nil, "uat": nil, "prod": nil]

  @Test(arguments: [
    Choice(
      testDescription: "without label and list all are deployed",
      overlays: ["dev": nil, "stage": nil, "uat": nil],
      branch: "main",
      selected: ["dev", "stage", "uat"]
    ),
    Choice(
      testDescription: "the list is compared with the folders' names",
      overlays: plain,
      branch: "main",
      environments: ["dev", "stage"],
      selected: ["dev", "stage"]
    ),
    Choice(
      testDescription: "the list is case-sensitive",
      overlays: plain,
      branch: "main",
      environments: ["Dev"],
      selected: []
    ),
    Choice(
      testDescription: "dev-feature goes to dev alone",
      overlays: threeStages,
      branch: "dev-feature",
      selected: ["dev"]
    ),
    Choice(
      testDescription: "main goes to staging alone",
      overlays: threeStages,
      branch: "main",
      selected: ["staging"]
    ),
    Choice(
      testDescription: "release-1.0 goes to prod alone",
      overlays: threeStages,
      branch: "release-1.0",
      selected: ["prod"]
    ),
    Choice(
      testDescription: "a label that matches needs no list",
      overlays: ["dev": "main", "prod": nil],
      branch: "main",
      environments: ["prod"],
      selected: ["dev", "prod"]
    ),
    Choice(
      testDescription: "a label that does not match is not helped by the list",
      overlays: ["dev": "dev-*", "prod": nil],
      branch: "main",
      environments: ["dev", "prod"],
      selected: ["prod"]
    ),
    Choice(
      testDescription: "local is never deployed, whatever label and list say",
      overlays: ["local": "*", "prod": nil],
      branch: "main",
      environments: ["local", "prod"],
      selected: ["prod"]
    ),
    Choice(
      testDescription: "without a branch no label matches",
      overlays: ["dev": "*", "prod": nil],
      branch: nil,
      selected: ["prod"]
    ),
    Choice(
      testDescription: "an overlay is named by its folder, not by its environment",
      overlays: ["us-east-1": nil, "eu-west-1": nil],
      branch: "main",
      environments: ["eu-west-1"],
      selected: ["eu-west-1"]
    ),
  ])
  func `the choice follows label, list and default`(_ row: Choice) {
    let overlays = row.overlays.map { name, label in
      var overlay = Overlay(name: name, path: "overlays/\(name)")
      overlay.labels[BranchPattern.label] = label
      return overlay
    }
    let selection = OverlaySelection(branch: row.branch, environments: row.environments)
    let chosen = ServiceRepository.select(overlays, selection)
    #expect(Set(chosen.filter(\.isSelected).map(\.name)) == row.selected)
    #expect(chosen.allSatisfy { !$0.reason.isEmpty })
  }

  @Test func `a list that a label overrules is told`() {
    let overlays = ["dev": "dev-*", "prod": "main", "qa": nil, "local": nil].sorted { $0.key < $1.key }.map {
      var overlay = Overlay(name: $0.key, path: $0.key)
      overlay.labels[BranchPattern.label] = $0.value
      return overlay
    }
    let names = ["dev", "local", "prod", "qa"]
    let chosen = ServiceRepository.select(overlays, OverlaySelection(branch: "main", environments: names))
    let told = ServiceRepository.overruled(names, in: chosen)
    #expect(told.map(\.severity) == [.warning])
    #expect(
      told.first?.message == "`dev` is asked for, but its label `dev-*` does not match the branch `main`"
    )
    #expect(ServiceRepository.overruled([], in: chosen).isEmpty)
  }

  @Test func `problems of an overlay that is passed over are warnings`() {
    var overlays = ["dev", "prod"].map { Overlay(name: $0, path: $0) }
    for index in overlays.indices { overlays[index].problems = [.error("overlay.build", "broken")] }
    let chosen = ServiceRepository.select(overlays, OverlaySelection(branch: nil, environments: ["prod"]))
    #expect(chosen.map { $0.problems.hasErrors } == [false, true])
  }

  @Test func `a name that no task can have is told at its folder`() {
    let names = [
      "a b", "a/b", "\u{FC}ber", "a\nb", String(repeating: "a", count: 129), "local", "eu-1", "-rf",
    ]
    let overlays = names.map { Overlay(name: $0, path: "overlays/\($0)") }
    let chosen = ServiceRepository.select(overlays, OverlaySelection(branch: nil))
    let problems = chosen.flatMap(\.problems)
    #expect(problems.map(\.code) == Array(repeating: "overlay.name", count: 5))
    #expect(problems.map { $0.location?.file } == names.prefix(5).map { "overlays/\($0)" })
  }

  @Test func `two overlays for one stack are refused only when both are selected`() {
    func overlays(_ label: String?) -> [Overlay] {
      ["dev", "dev-2"].map { name in
        var overlay = Overlay(name: name, path: name)
        (overlay.environment, overlay.kind, overlay.resourceName) = ("dev", "MicroserviceKubernetes", "web")
        if name == "dev" { overlay.labels[BranchPattern.label] = label }
        return overlay
      }
    }
    let selection = OverlaySelection(branch: "main")
    let both = ServiceRepository.select(overlays(nil), selection).flatMap(\.problems)
    #expect(both.map(\.code) == ["overlay.duplicate"])
    #expect(ServiceRepository.select(overlays("other"), selection).flatMap(\.problems).isEmpty)
  }
}
