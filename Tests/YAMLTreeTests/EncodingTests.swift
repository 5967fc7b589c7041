import StackModel
import Testing
import YAMLTree

struct EncodingTests {
  private func problem(_ bytes: [UInt8]) -> Diagnostic? {
    let (documents, diagnostics) = YAMLReader.read(bytes, file: "f")
    #expect(documents.isEmpty)
    #expect(diagnostics.count == 1)
    return diagnostics.first
  }

  @Test(arguments: [
    (Array("a: é\nb: ü".utf8) + [0xFF], 2, 5), (Array("a: ".utf8) + [0xC3], 1, 4),
    (Array("a: ".utf8) + [0xED, 0xA0, 0x80], 1, 4), (Array("a: ".utf8) + [0xC0, 0x80], 1, 4),
    ([0xEF, 0xBB, 0xBF] + Array("ab".utf8) + [0x80], 1, 3),
  ])
  func `a byte that is not UTF-8 is named with its place`(bytes: [UInt8], line: Int, column: Int) throws {
    let found = try #require(problem(bytes))
    #expect(found.code == "yaml.encoding")
    #expect(found.location == SourceLocation(file: "f", line: line, column: column))
    #expect(found.message.contains("is not valid UTF-8"))
  }

  @Test(arguments: [
    ([0xFF, 0xFE, 0x61, 0x00], "UTF-16"), ([0xFE, 0xFF, 0x00, 0x61], "UTF-16"),
    ([0x61, 0, 0x3A, 0, 0x20, 0], "UTF-16"),
    ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x61], "UTF-32"), ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "UTF-32"),
  ])
  func `another encoding is named`(bytes: [UInt8], name: String) throws {
    let found = try #require(problem(bytes))
    #expect(found.code == "yaml.encoding")
    #expect(found.message == "the file is written in \(name); a manifest is UTF-8")
  }

  @Test(arguments: [
    Array("a: b\0c".utf8), [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0],
    [1, 2, 3, 4, 5, 6, 7, 8],
  ])
  func `a binary file is called no text`(bytes: [UInt8]) throws {
    #expect(try #require(problem(bytes)).code == "yaml.not-text")
  }

  @Test func `a control character is named with its place and its escape`() throws {
    let found = try #require(problem(Array("a: 1\nb: some \u{1B}[31mred".utf8)))
    #expect(found.code == "yaml.control-character")
    #expect(found.location == SourceLocation(file: "f", line: 2, column: 9))
    #expect(found.hint?.contains(#""\u001B""#) == true)
  }

  @Test func `a byte order mark is passed over and not counted`() throws {
    let (documents, diagnostics) = YAMLReader.read(
      [0xEF, 0xBB, 0xBF] + Array("a: 1\r\nb: 2\r\n".utf8),
      file: "f"
    )
    #expect(diagnostics.isEmpty)
    #expect(documents.first?.location == SourceLocation(file: "f", line: 1, column: 1))
    #expect(documents.first?["b"]?.location == SourceLocation(file: "f", line: 2, column: 4))
  }

  @Test func `a text over the limit is refused`() {
    var limits = YAMLReader.Limits()
    limits.bytes = 10
    let (_, diagnostics) = YAMLReader.read(Array("a: 12345678".utf8), file: "f", limits: limits)
    #expect(diagnostics.map(\.code) == ["file.too-large"])
  }

  @Test(arguments: ["", "\n", "# comment\n", "---\n", "---\n...\n"])
  func `a file without a document says so`(text: String) {
    #expect(YAMLReader.read(Array(text.utf8), file: "f").diagnostics.map(\.code) == ["yaml.empty"])
  }
}
