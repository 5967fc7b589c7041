import StackModel

extension Session {
  /// The session with a backend before those of the settings, as a pipeline file or a job names it.
  ///
  /// - Parameters:
  ///   - backend: `type` and `config`; nil changes nothing.
  ///   - file: where that stands.
  func keepingState(in backend: JSONValue?, file: String) -> Result<Session, DiagnosticFailure> {
    guard let backend, let type = backend["type"]?.string else { return .success(self) }
    guard BackendName.all.contains(type) else {
      return .failure(
        DiagnosticFailure(
          .error(
            "pipeline.backend",
            "`\(type)` is no backend",
            at: SourceLocation(file: file),
            path: "backend.type",
            hint: Suggestion.nearest(to: type, among: BackendName.all).map { "did you mean `\($0)`?" }
              ?? "known are \(BackendName.all.joined(separator: ", "))"
          )
        )
      )
    }
    var session = self
    session.settings.backends.insert(
      Settings.BackendRule(
        match: [:],
        type: type,
        configuration: backend["config"] ?? [:],
        location: SourceLocation(file: file)
      ),
      at: 0
    )
    return .success(session)
  }
}
