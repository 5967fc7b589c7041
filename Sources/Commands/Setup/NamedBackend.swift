import StackModel

extension Session {
  /// The session with a backend before those of the settings, as a pipeline file or a job names it.
  ///
  /// - Parameters:
  ///   - backend: `type` and `config`, as the schemas of both hold it to; nil changes nothing.
  ///   - file: where that stands.
  func keepingState(in backend: JSONValue?, file: String) -> Session {
    guard let backend, let type = backend["type"]?.string else { return self }
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
    return session
  }
}
