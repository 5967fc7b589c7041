import Presentation
import StackModel
import Testing

struct DiagnosticTextTests {
  private static let files = [
    "service.yaml": Scripts.manifest,
    "tabs.yaml": "a:\n\t\tb: 日本 wrong # tabs and wide characters\n",
    "long.json": "{" + String(repeating: "\"k\": 1, ", count: 4000) + "\"bad\": x"
      + String(repeating: ", 1", count: 4000),
    "escape.yaml": "key: \u{1B}[31mred\u{1B}[0m value\r\nnext: 1\r\n",
  ]

  private static let diagnostics: [Diagnostic] = [
    .error(
      "manifest.unknown-field",
      "unknown field `listenerPrt`",
      at: SourceLocation(file: "service.yaml", line: 10, column: 5),
      path: "spec.alb.listenerPrt",
      hint: "did you mean `listenerPort`?"
    ),
    .warning(
      "manifest.number-as-text",
      "a number where text was expected",
      at: SourceLocation(file: "tabs.yaml", line: 2, column: 9),
      path: "a.b"
    ),
    .error(
      "yaml.syntax",
      "expected a value",
      at: SourceLocation(file: "long.json", line: 1, column: 32009)
    ),
    .error("yaml.syntax", "a bare word", at: SourceLocation(file: "escape.yaml", line: 1, column: 18)),
    .error(
      "yaml.syntax",
      "the end is missing",
      at: SourceLocation(file: "service.yaml", line: 10, column: 99)
    ),
    .error("yaml.syntax", "beyond the end", at: SourceLocation(file: "service.yaml", line: 99, column: 1)),
    .error("set.path", "no such field\nsecond line", at: SourceLocation(file: "--set a.b=1"), path: "a.b"),
    Diagnostic(
      .info,
      code: "manifest.default",
      "a default is used",
      path: "spec.cpu",
      hint:
        "a hint that is so long that it has to be broken into more than one line, because terminals end somewhere"
    ),
  ]

  @Test func `problems are shown with the line they are about`() throws {
    let text = DiagnosticText.render(Self.diagnostics, source: { Self.files[$0] }, style: .plain)
    try Fixtures.expect(text, equals: "diagnostics.txt")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= Terminal.plainWidth })
    let colored = DiagnosticText.render(
      Self.diagnostics,
      source: { Self.files[$0] },
      style: Style(hasColor: true)
    )
    try Fixtures.expect(colored, equals: "diagnostics.color.txt")
    #expect(GoldenTests.withoutColors(colored) == text)
  }

  @Test func `no problem is no text`() {
    #expect(DiagnosticText.render([Diagnostic](), source: { _ in nil }, style: .plain) == "")
  }

  @Test(arguments: 1...60)
  func `the caret stands below its character in a clipped line`(column: Int) throws {
    let line = (0..<60).map { $0 % 10 == 9 ? "日" : "\($0 % 10)" }.joined(separator: " ")
    let text = DiagnosticText.render(
      [.error("c", "m", at: SourceLocation(file: "f", line: 1, column: column * 2 - 1))],
      source: { _ in line },
      style: .plain,
      width: 40
    )
    let lines = text.split(separator: "\n")
    let source = try #require(lines.first { $0.hasPrefix("1 | ") })
    let caret = try #require(
      lines.first { $0.contains("^") }.flatMap { $0.firstIndex(of: "^").map($0.prefix(upTo:)) }
    )
    var columns = 0
    let below = try #require(
      source.first { character in
        if columns == caret.count { return true }
        columns += character == "日" ? 2 : 1
        return false
      }
    )
    #expect(below == ((column - 1) % 10 == 9 ? "日" : Character("\((column - 1) % 10)")))
  }

  @Test func `a message of the engine names the field first, then the program`() throws {
    let text = DiagnosticText.render(
      [Scripts.refusal],
      source: { $0 == "service.yaml" ? Scripts.manifest : nil },
      style: .plain
    )
    let field = try #require(text.firstRange(of: "spec.alb.listenerPort"))
    let program = try #require(text.firstRange(of: "program alb.tf:41"))
    #expect(field.lowerBound < program.lowerBound)
    #expect(text.contains("10 |     listenerPort: 443\n   |     ^~~~~~~~~~~~\n"))
  }
}
