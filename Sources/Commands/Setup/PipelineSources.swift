import ReferenceSources
import StackModel
import YAMLTree

extension Session {
  /// The session with a pipeline file's sources of references before those of the settings.
  ///
  /// - Parameter sources: the list as it stands in the file.
  func asking(_ sources: YAMLNode?) throws -> Session {
    guard let sources else { return self }
    guard let list = sources.list else {
      try Console.require([
        .error(
          "pipeline.references",
          "`references` is a list of sources, not \(sources.kindName)",
          at: sources.location,
          path: "references",
          hint: "begin each source with a dash: - {type: environment, prefix: APP_}"
        )
      ])
      return self
    }
    var reader = SourceRuleReader()
    let rules = list.compactMap { reader.read($0) }
    try Console.require(reader.diagnostics)
    var session = self
    session.settings.references = rules + settings.references
    return session
  }
}
