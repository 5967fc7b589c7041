import JobRunner
import LocalFiles
import StackModel

/// What a user wants masked beyond what is known to be secret.
enum Masks {
  /// A mask that hides nothing is worth a warning: its user counts on it.
  ///
  /// - Parameters:
  ///   - names: environment variables whose values are masked.
  ///   - file: a file with one value a line; empty lines are passed over.
  static func collect(
    names: [String],
    file: String?,
    environment: [String: String]
  ) -> Result<(secrets: [Secret], warnings: [Diagnostic]), DiagnosticFailure> {
    var secrets: [Secret] = []
    var warnings: [Diagnostic] = []
    for name in names {
      let value = environment[name] ?? ""
      if value.utf8.count < Redactor.minimumLength {
        let state = value.isEmpty ? "is not set" : "is shorter than \(Redactor.minimumLength) bytes"
        warnings.append(.warning("mask.env", "nothing is masked for `\(name)`: it \(state)"))
      }
      secrets.append(Secret(value))
    }
    if let file {
      do throws(FileError) {
        let text = String(decoding: try LocalFiles.read(file), as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline) {
          // Space around a value is more often an accident of the file than a part of the secret.
          var trimmed = line.drop(while: \.isWhitespace)
          while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
          secrets += [Secret(String(line)), Secret(String(trimmed))]
        }
      } catch {
        return .failure(
          DiagnosticFailure(
            .error(
              "mask.file",
              "the mask file cannot be read: \(error.reason)",
              at: SourceLocation(file: file)
            )
          )
        )
      }
    }
    return .success((secrets, warnings))
  }
}
