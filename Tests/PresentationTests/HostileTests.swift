import Presentation
import StackModel
import Testing

/// Values of resources that try to reach the terminal, the page or the log they are shown in.
struct HostileTests {
  @Test(arguments: TextPresenter.Verbosity.allCases)
  func `no control character or direction mark reaches the text`(verbosity: TextPresenter.Verbosity) {
    for script in [Scripts.hostile, Scripts.cancelled] {
      let text = script.text(Terminal(), verbosity)
      #expect(text.unicodeScalars.allSatisfy { !Self.isHarmful($0) })
    }
  }

  @Test func `live drawing writes only its own escape codes`() throws {
    let terminal = Terminal(isTerminal: true, isLive: true, hasColor: true, width: 60)
    for part in Scripts.hostile.text(terminal, tickEach: true).split(separator: "\u{1B}").dropFirst() {
      let code = try #require(part.firstMatch(of: /^\[(\?25[hl]|[0-9;]*[mAJK])/))
      let rest = part[code.range.upperBound...].unicodeScalars.filter { $0 != "\r" }
      #expect(!rest.contains(where: Self.isHarmful))
    }
  }

  @Test func `no value leaves its block, cell or element in Markdown`() {
    let page = PlanMarkdown.render(Scripts.hostile.record) + Self.planPage
    var fence: Substring?
    var isOpen = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      let ticks = line.prefix { $0 == "`" }
      if let open = fence {
        if ticks.count >= open.count, ticks.count == line.count { fence = nil }
        continue
      }
      if ticks.count >= 3 {
        fence = ticks
        continue
      }
      if line.hasPrefix("|") {
        #expect(line.filter { $0 == "|" }.count == 3, "\(line)")
      }
      if line == "<details>" || line == "</details>" {
        #expect(isOpen == (line == "</details>"))
        isOpen.toggle()
      } else {
        let tags = line.matches(of: /<[^>]*>/).map { String($0.output) }
        #expect(tags.allSatisfy { ["<code>", "</code>", "<summary>", "</summary>"].contains($0) }, "\(line)")
        #expect(!line.contains("](") && !line.contains("@team") && !line.contains("@here"))
      }
    }
    #expect(fence == nil && !isOpen)
  }

  @Test func `a fence is longer than any run of backticks inside it`() {
    #expect(Self.planPage.contains("`````diff"))
  }

  @Test func `sensitive values are in no form of a job`() {
    let script = Scripts.hidden
    for text in [script.text(), PlanMarkdown.render(script.record), script.record.document.text()] {
      #expect(!text.contains("never shown"))
      #expect(text.contains("sensitive"))
    }
  }

  /// The plan of the hostile job, as if it had gone well.
  private static let planPage = PlanMarkdown.render(
    stack: Script.stack,
    operation: .preview,
    plan: PlanReady(summary: ChangeSummary(change: 1), digest: "a`b\n# c", outputChanges: 0),
    changes: Scripts.hostile.record.changes,
    diagnostics: Scripts.hostile.record.diagnostics
  )

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    scalar != "\n"
      && (scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
        || scalar.value == 0xFEFF || scalar.value == 0x200B)
  }
}
