import LocalFiles
import StackModel

/// What a user wants masked beyond what is known to be secret.
enum Masks {
  /// - Parameters:
  ///   - names: environment variables whose values are masked.
  ///   - file: a file with one value a line; empty lines are passed over.
  static func collect(
    names: [String],
    file: String?,
    environment: [String: String]
  ) -> Result<[Secret], DiagnosticFailure> {
    var secrets = names.compactMap { environment[$0] }.filter { !$0.isEmpty }.map(Secret.init)
    if let file {
      do throws(FileError) {
        let text = String(decoding: try LocalFiles.read(file), as: UTF8.self)
        secrets += text.split(whereSeparator: \.isNewline).map { Secret(String($0)) }
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
    return .success(secrets)
  }
}
