package import StackModel
package import YAMLTree

/// One `--set path=value`: a field of the manifest given on the command line.
package struct Override: Sendable, Hashable {
  package var path: FieldPath
  /// The value as typed.
  package var text: String
  /// The flag it came from.
  package var flag: String

  package init(path: FieldPath, text: String, flag: String = "--set") {
    self.path = path
    self.text = text
    self.flag = flag
  }

  /// The flag and the path. The value is left out, for it may be a secret.
  package var location: SourceLocation { SourceLocation(file: "\(flag) \(path)") }

  /// Reads `spec.container.replicas=3`.
  package static func parse(
    _ argument: String,
    flag: String = "--set"
  ) -> (override: Override?, diagnostics: [Diagnostic]) {
    let place = SourceLocation(file: flag)
    guard let split = separator(in: argument) else {
      return (
        nil,
        [
          .error(
            "override.syntax",
            "expected path=value",
            at: place,
            hint: "for example \(flag) spec.container.replicas=3"
          )
        ]
      )
    }
    do {
      let path = try FieldPath(parsing: String(argument[..<split]))
      return (Override(path: path, text: String(argument[argument.index(after: split)...]), flag: flag), [])
    } catch {
      return (nil, [.error("override.syntax", "\(error)", at: place)])
    }
  }

  /// The first `=` outside a quoted name.
  private static func separator(in argument: String) -> String.Index? {
    var isQuoted = false
    var isEscaped = false
    for index in argument.unicodeScalars.indices {
      let character = argument.unicodeScalars[index]
      if isEscaped {
        isEscaped = false
      } else if character == "\\", isQuoted {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      } else if character == "=", !isQuoted {
        return index
      }
    }
    return nil
  }
}
