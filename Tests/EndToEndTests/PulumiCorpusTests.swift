import LocalFiles
import ManifestCorpus
import Manifests
import StackModel
import Testing
import ToolProcess
import Translation

#if canImport(Glibc)
  import Glibc
#endif

/// Programs of the manifests that the kinds' schemas make: held against the SDKs' facts, carried out by the SDKs' classes,
/// and compared with what Terraform plans for the same manifests.
///
/// `STACKJOB_WHOLE_CORPUS=1` takes every manifest for all of it, not just those that show something new.
@Suite(.timeLimit(.minutes(60))) struct PulumiCorpusTests {
  static let kinds = ["AwsEcsService", "MicroserviceKubernetes"]
  private static let isWhole = getenv("STACKJOB_WHOLE_CORPUS") != nil
  private static let fixtures = "\(Project.root)/Tests/Fixtures/pulumi"

  private struct Made: Sendable {
    var corpus: ManifestCorpus
    var programs: [(form: ManifestCorpus.Form, program: JSONValue)]
    /// Those of ``programs`` that Terraform plans too.
    var compared: [(form: ManifestCorpus.Form, program: JSONValue)]
  }

  private static let made: [String: Task<Made, any Error>] = Dictionary(
    uniqueKeysWithValues: kinds.map { kind in (kind, Task.detached { try make(kind) }) }
  )

  private static func made(_ kind: String) async throws -> Made { try await #require(made[kind]).value }

  private static func make(_ kind: String) throws -> Made {
    guard case .found(let definition) = KindCatalog(roots: ["\(Project.root)/templates"]).find(kind) else {
      throw DiagnosticFailure(.error("corpus", "there is no \(kind)"))
    }
    let corpus = try ManifestCorpus(definition, root: Project.root, isWhole: isWhole)
    let template = try PulumiTemplate.read(definition).get()
    func programs(_ forms: [ManifestCorpus.Form]) throws -> [(form: ManifestCorpus.Form, program: JSONValue)]
    {
      try forms.map { ($0, try template.program(project: "stackjob-test", values: $0.values).program) }
    }
    let fewest = isWhole ? corpus.forms : corpus.fewest()
    return Made(corpus: corpus, programs: try programs(corpus.forms), compared: try programs(fewest))
  }

  @Test(arguments: kinds) func `the SDKs would take the program of every manifest that a schema makes`(
    kind: String
  )
    async throws
  {
    let made = try await Self.made(kind)
    let checker = ProgramChecker(
      facts: try JSONValue(parsing: LocalFiles.read("\(Self.fixtures)/facts.json"))
    )
    for (form, program) in made.programs {
      let problems = checker.problems(in: program)
      #expect(problems == [], "\(form.name)")
    }
    #expect(made.programs.count > 400)
    Self.compare(made.corpus.gaps, kind)
    // The figures of docs/pulumi.md.
    let (corpus, pairs) = (made.corpus, made.corpus.forms.count { $0.isPair })
    print(
      "\(kind): \(corpus.tried) tried, \(made.programs.count) programs, \(pairs) pairs, \(made.compared.count) compared"
    )
  }

  /// What the corpus does not show is written down with the reason: a new gap fails, and so does one that has closed.
  private static func compare(_ gaps: [String], _ kind: String) {
    let path = "\(fixtures)/gaps/\(kind).txt"
    let lines = (LocalFiles.text(path) ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") }
    let known = lines.map { String($0.prefix { $0 != ";" }) }
    var open = gaps
    for pattern in known {
      let before = open.count
      open.removeAll { matches($0[...], pattern[...]) }
      #expect(isWhole || open.count < before, "\(path): no gap is `\(pattern)` any more")
    }
    #expect(open == [], "\(path) does not know them")
  }

  /// `*` stands for any text.
  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    guard let star = pattern.firstIndex(of: "*") else { return text == pattern }
    guard text.hasPrefix(pattern[..<star]) else { return false }
    var (rest, behind) = (text.dropFirst(pattern[..<star].count), pattern[pattern.index(after: star)...])
    if behind.isEmpty { return true }
    while true {
      if matches(rest, behind) { return true }
      if rest.isEmpty { return false }
      rest = rest.dropFirst()
    }
  }

  @Test(.needsPulumiSDKs) func `the SDKs' own classes carry out programs with each property`() async throws {
    var shown: Set<String> = []
    var chosen: [(name: String, program: JSONValue)] = []
    for kind in Self.kinds {
      for (form, program) in try await Self.made(kind).programs {
        let properties = Self.properties(program)
        if !Self.isWhole, properties.isSubset(of: shown) { continue }
        shown.formUnion(properties)
        chosen.append((form.name, program))
      }
    }
    try await Product.run { stackjob in
      let paths = try chosen.enumerated().map { number, chosen in
        try stackjob.file("\(number)/Main.json", chosen.program.text())
      }
      let result = try await PulumiSDKs.carryOut(paths, stackjob)
      #expect(result.stdout.hasPrefix("\(paths.count) programs, "), "\(result.stdout.prefix(20_000))")
      #expect(result.stderr == "" && result.exit == .code(0))
    }
  }

  /// The properties of a program's resources by type, with the sort of value that each has.
  private static func properties(_ program: JSONValue) -> Set<String> {
    var found: Set<String> = []
    for (_, resource) in program["resources"]?.object ?? JSONObject() {
      for section in ["properties", "options"] {
        resource[section]?.gatherSorts(at: "\(resource["type"]?.string ?? "") \(section)", into: &found)
      }
    }
    return found
  }

  @Test(.needsTools) func `Terraform and Pulumi make the same of manifests with each field`() async throws {
    try await Product.run { stackjob in
      expect(try await stackjob("sandbox", "install", "mirror"), .done)
      var arguments = ["--all"]
      for kind in Self.kinds {
        let made = try await Self.made(kind)
        for start in stride(from: 0, to: made.compared.count, by: PulumiCorpusPlan.most) {
          let batch = made.compared[start..<min(start + PulumiCorpusPlan.most, made.compared.count)]
          let name = "\(kind)-\(start)"
          for (number, compared) in batch.enumerated() {
            _ = try stackjob.file("\(name)/programs/case-\(number)/Main.json", compared.program.text())
            _ = try stackjob.file("\(name)/programs/case-\(number)/name", compared.form.name)
          }
          try await PulumiCorpusPlan(kind, name, batch.map(\.form), stackjob).make()
          arguments += ["\(stackjob.folder)/\(name)/plan.json", "\(stackjob.folder)/\(name)/programs"]
        }
      }
      let result = try await stackjob.run(arguments, executable: "\(Project.root)/scripts/pulumi_parity.py")
      #expect(result.stderr == "" && result.exit == .code(0), "\(result.stdout.prefix(40_000))")
    }
  }
}
