import Presentation
import StackModel
import Testing

/// Every form of every made-up job, held against `Tests/Fixtures/presentation`.
struct GoldenTests {
  static let colored = Terminal(isTerminal: true, hasColor: true)

  @Test(arguments: Scripts.all.indices)
  func `a job reads the same in every form`(index: Int) throws {
    let script = Scripts.all[index]
    var record = script.record
    record.journal = "/var/lib/stackjob/events.ndjson"
    try Fixtures.expect(script.ndjson, equals: "\(script.name).ndjson")
    try Fixtures.expect(script.text(), equals: "\(script.name).txt")
    try Fixtures.expect(PlanMarkdown.render(record), equals: "\(script.name).md")
    try Fixtures.expect(record.document.text(.pretty), equals: "\(script.name).json")
  }

  @Test(arguments: ["update", "failed"])
  func `colour and verbosity add to the same text`(name: String) throws {
    let script = try #require(Scripts.all.first { $0.name == name })
    try Fixtures.expect(script.text(Self.colored), equals: "\(name).color.txt")
    try Fixtures.expect(script.text(Terminal(), .verbose), equals: "\(name).verbose.txt")
    try Fixtures.expect(script.text(Terminal(), .quiet), equals: "\(name).quiet.txt")
  }

  @Test(arguments: Scripts.all.indices, TextPresenter.Verbosity.allCases)
  func `text without its colours is the plain text`(index: Int, verbosity: TextPresenter.Verbosity) {
    let script = Scripts.all[index]
    #expect(Self.withoutColors(script.text(Self.colored, verbosity)) == script.text(Terminal(), verbosity))
  }

  @Test func `no golden file is left over`() {
    let names = Set(Scripts.all.map(\.name) + ["diagnostics", "huge"])
    for name in ["ndjson", "txt", "md", "json"].flatMap({ Fixtures.names(ending: ".\($0)") }) {
      #expect(names.contains(String(name.prefix { $0 != "." })), "\(name)")
    }
  }

  static func withoutColors(_ text: String) -> String {
    text.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated().map {
      $0 == 0 ? String($1) : String($1.drop { $0 != "m" }.dropFirst())
    }.joined()
  }
}
