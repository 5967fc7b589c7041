import ReferenceSources
import StackModel
import YAMLTree

extension Session {
  /// The session with a pipeline file's sources of references before those of the settings.
  ///
  /// - Parameter sources: the list as it stands in the file.
  func asking(_ sources: JSONValue?, file: String?) throws -> Session {
    guard let sources else { return self }
    var reader = SourceRuleReader()
    var problems: [Diagnostic] = []
    var rules: [SourceRule] = []
    if sources.array == nil {
      problems.append(.error("pipeline.references", "`references` is a list of sources", path: "references"))
    }
    for (index, source) in (sources.array ?? []).enumerated() {
      // JSON is YAML too, so one reader does for both files.
      let (documents, _) = YAMLReader.read(source.bytes(), file: file ?? "stackjob.yaml")
      if let rule = documents.first.flatMap({ reader.read($0) }) { rules.append(rule) }
      problems += reader.diagnostics.dropFirst(problems.count).map { problem in
        var problem = problem
        problem.path = "references[\(index)]"
        return problem
      }
    }
    // The list was read from its JSON form, whose lines are not those of the file.
    try Console.require(
      problems.map { problem in
        var problem = problem
        problem.location = SourceLocation(file: file ?? "stackjob.yaml")
        return problem
      }
    )
    var session = self
    session.settings.references = rules + settings.references
    return session
  }
}
