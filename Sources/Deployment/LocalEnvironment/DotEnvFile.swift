/// The two files that a developer's tools read: `.env` for Docker Compose and dotenv libraries, `.env_export`
/// for shells.
package enum DotEnvFile {
  package static let names = [".env", ".env_export"]

  /// The first line of each file, by which they are known to be ours.
  package static let mark = "# Written by stackjob dot-env. It may hold secrets: keep it out of git."

  package enum Reader: String, Sendable, CaseIterable {
    case compose = "Docker Compose"
    case python = "python-dotenv"
    case shell = "a shell"
  }

  /// `NAME=VALUE` lines, and by variable who would read another value than the one that is meant.
  package static func dotenv(_ values: [(name: String, value: String)]) -> (
    text: String, misread: [String: [Reader]]
  ) {
    var text = mark + "\n"
    var misread: [String: [Reader]] = [:]
    for (name, value) in values {
      let quoted = DotEnvValue(value)
      text += "\(name)=\(quoted.text)\n"
      if !quoted.misreadBy.isEmpty { misread[name] = quoted.misreadBy }
    }
    return (text, misread)
  }

  /// `export NAME='VALUE'` lines, which sh, bash and zsh read alike.
  package static func export(_ values: [(name: String, value: String)]) -> String {
    values.reduce(mark + "\n") { text, entry in
      text + "export \(entry.name)='\(entry.value.replacing("'", with: #"'\''"#))'\n"
    }
  }

  /// Whether every reader of `.env` takes it as a name. One that it does not take ends its reading of the whole
  /// file, and one with a newline would be a line of its own.
  package static func isKey(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  /// Whether a shell takes it as the name of a variable.
  package static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else { return false }
    return text.utf8.allSatisfy(isWordByte)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
