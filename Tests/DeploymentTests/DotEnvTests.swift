import Deployment
import LocalFiles
import StackModel
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// What is written for a developer's tools, read by those tools.
@Suite struct DotEnvTests {
  private static let values: [(name: String, value: String)] = [
    ("PLAIN", "abc-1.2_3/x:y@z%+,"), ("EMPTY", ""), ("SPACES", "  a  b "), ("DOLLAR", "a$HOME b$$ c$"),
    ("BRACES", "a${HOME}b"), ("OPEN_BRACE", "a${b"), ("SINGLE", "it's"), ("DOUBLE", #"say "hi""#),
    ("BOTH", #"'a' "b""#),
    ("NEWLINES", "a\n\nb\n"), ("QUOTED_NEWLINE", "it's\ntwo"), ("HASH", "a #b#c"),
    ("UNICODE", "grüß dich, 世界 🎉"),
    ("BACKSLASH", #"a\b\n"#), ("BACKSLASHES", #"a\\b"#), ("LAST_BACKSLASH", #"a\"#), ("BACKTICK", "a`id`b"),
    ("QUOTE_AND_DOLLAR", "it's $5"), ("QUOTE_AND_BACKTICK", "it's `id`"), ("ALL", ##"'"$`\# x"##),
    ("EQUALS", "a=b=c"),
    ("EXCLAMATION", "a!b"), ("TAB", "a\tb"), ("RETURN", "a\rb\r\nc"), ("SEMICOLON", "a; rm b"),
    ("EXPORT", "export A=b"),
    ("JSON", #"{"a": ["b", 1]}"#), ("BACKSLASH_QUOTE", #"a\'b"#), ("DOLLAR_BACKSLASHES", #"$a\\b"#),
    ("STAR", "*"),
    ("TILDE", "~/x"),
  ]

  private func read(
    by executable: String,
    _ arguments: [String],
    in folder: String
  ) async throws -> [String: String] {
    let output = try await ToolOutput.collect(
      ToolInvocation(
        tool: executable,
        version: "",
        executable: executable,
        arguments: arguments,
        environment: ["PATH": "/usr/bin:/bin", "HOME": "/home-of-nobody", "LC_ALL": "C.UTF-8"],
        workingDirectory: folder
      )
    )
    #expect(output.exit.isSuccess && output.standardError.isEmpty, "\(output.standardError)")
    // Each ends in a byte that no value has.
    let parts = output.standardOutput.split(separator: "\u{1}", omittingEmptySubsequences: false).map(
      String.init
    )
    #expect(parts.count == Self.values.count + 1)
    return Dictionary(uniqueKeysWithValues: zip(Self.values.map(\.name), parts))
  }

  private func readByShell(_ shell: String, _ command: String, in folder: String) async throws -> [String:
    String]
  {
    let print = Self.values.map { #"printf '%s\001' "$\#($0.name)""# }.joined(separator: "\n")
    return try await read(by: shell, ["-c", "\(command)\n\(print)"], in: folder)
  }

  private static let shells = ["/bin/sh", "/bin/bash", "/usr/bin/zsh"].filter(LocalFiles.isFile)

  @Test(arguments: shells)
  func `a shell reads every value from .env_export`(_ shell: String) async throws {
    try await Fixture.inFolder { folder in
      try Fixture.write("\(folder)/.env_export", DotEnvFile.export(Self.values))
      let found = try await readByShell(shell, ". ./.env_export", in: folder)
      for (name, value) in Self.values { #expect(found[name] == value, "\(name)") }
    }
  }

  @Test(arguments: shells)
  func `a shell reads from .env what it is not said to misread`(_ shell: String) async throws {
    let (text, misread) = DotEnvFile.dotenv(Self.values)
    let read = Self.values.filter { misread[$0.name]?.contains(.shell) != true }
    #expect(read.count > Self.values.count / 2)
    try await Fixture.inFolder { folder in
      try Fixture.write("\(folder)/.env", DotEnvFile.dotenv(read).text)
      let found = try await readByShell(shell, "set -a; . ./.env", in: folder)
      for (name, value) in read { #expect(found[name] == value, "\(name) in\n\(text)") }
    }
  }

  @Test func `python-dotenv reads from .env what it is not said to misread`() async throws {
    let python = "\(Fixture.root)/.venv/bin/python"
    try #require(LocalFiles.isFile(python), "make bootstrap installs python-dotenv")
    let (text, misread) = DotEnvFile.dotenv(Self.values)
    try await Fixture.inFolder { folder in
      try Fixture.write("\(folder)/.env", text)
      let script = """
        import dotenv, sys
        for value in dotenv.dotenv_values(".env").values():
            sys.stdout.write(value + "\\x01")
        """
      let found = try await read(by: python, ["-c", script], in: folder)
      for (name, value) in Self.values where misread[name]?.contains(.python) != true {
        #expect(found[name] == value, "\(name) in\n\(text)")
      }
      // What is told as misread is, or the warning would be noise.
      for (name, value) in Self.values where misread[name]?.contains(.python) == true {
        #expect(found[name] != value, "\(name) in\n\(text)")
      }
    }
  }

  @Test func `what stands in a .gitignore stays as it is`() async throws {
    try await Fixture.inFolder { folder in
      let path = "\(folder)/.gitignore"
      try GitIgnore.add([".env"], to: folder)
      #expect(LocalFiles.text(path) == ".env\n")
      // Not UTF-8, with a line's end of Windows and none at its own end.
      let theirs = Array("a\r\ncaf".utf8) + [0xE9]
      try LocalFiles.replace(path, with: theirs)
      try GitIgnore.add([".env", ".env_export"], to: folder)
      try GitIgnore.add([".env"], to: folder)
      #expect(try LocalFiles.read(path) == theirs + Array("\n.env\n.env_export\n".utf8))
      try LocalFiles.removeTree(path)
      try LocalFiles.makeFolder(path)
      #expect(throws: FileError.self) { try GitIgnore.add([".env"], to: folder) }
    }
  }

  @Test func `only names that readers take are written`() {
    for name in ["A", "1A", "a-b", "a.b", "_"] { #expect(DotEnvFile.isKey(name)) }
    for name in ["", "A\nB", "A B", "A=B", "A#", "A'", "$A", "ä", "A\u{0}"] {
      #expect(!DotEnvFile.isKey(name))
    }
  }

  @Test func `only names that a shell takes are exported`() {
    for name in ["A", "_a1", "a_B"] { #expect(DotEnvFile.isName(name)) }
    for name in ["", "1A", "a-b", "a.b", "ä", "a b"] { #expect(!DotEnvFile.isName(name)) }
  }
}
