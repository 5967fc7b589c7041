import StackModel
import Testing
import YAMLTree

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct InputFileTests {
  /// Runs a body with the path of a file that holds the text.
  private func withFile(_ text: String, mode: mode_t = 0o600, _ body: (String) -> Void) throws {
    var template = Array("/tmp/stackjob-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
    fchmod(descriptor, mode)
    close(descriptor)
    body(path)
  }

  @Test func `a file is read and named as it was given`() throws {
    try withFile("a: 1\n") { path in
      let (documents, diagnostics) = YAMLReader.readFile(path)
      #expect(documents.first?["a"]?.location == SourceLocation(file: path, line: 1, column: 4))
      #expect(diagnostics.isEmpty)
    }
  }

  @Test func `a file over the limit is refused by its size`() throws {
    var limits = YAMLReader.Limits()
    limits.bytes = 4
    try withFile("a: 1\n") { path in
      let (_, diagnostics) = YAMLReader.readFile(path, limits: limits)
      #expect(
        diagnostics == [
          .error(
            "file.too-large",
            "the file is larger than 4 bytes",
            at: .init(file: path),
            hint: "a manifest is a few kilobytes; check that this is the right file"
          )
        ]
      )
      limits.bytes = 5
      #expect(YAMLReader.readFile(path, limits: limits).diagnostics.isEmpty)
    }
  }

  @Test func `an endless file is refused after the limit`() {
    #expect(YAMLReader.readFile("/dev/zero").diagnostics.map(\.code) == ["file.too-large"])
  }

  @Test(arguments: [
    ("/nowhere/at/all.yaml", "file.missing"), ("/dev/null/x", "file.missing"), ("/tmp", "file.directory"),
    ("/dev/null", "yaml.empty"),
  ])
  func `a file that cannot be read says why`(path: String, code: String) {
    let (_, diagnostics) = YAMLReader.readFile(path)
    #expect(diagnostics.map(\.code) == [code])
    #expect(diagnostics.first?.location?.file == path)
  }

  @Test(.disabled(if: geteuid() == 0, "the superuser may read every file"))
  func `a file that may not be read says so`() throws {
    try withFile("a: 1\n", mode: 0) { path in
      #expect(YAMLReader.readFile(path).diagnostics.map(\.code) == ["file.permission"])
    }
  }

  @Test func `standard input has a name`() {
    #expect(InputFile.displayName("-") == "<stdin>")
    #expect(InputFile.displayName("a.yaml") == "a.yaml")
  }
}
