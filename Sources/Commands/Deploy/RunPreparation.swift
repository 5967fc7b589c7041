import Deployment
import LocalFiles
import Manifests
import StackModel
import YAMLTree

/// All tasks of a run, checked before the first of them starts.
struct RunPreparation {
  let session: Session
  let engine: EngineOptions

  /// What a manifest is read with.
  struct Inputs {
    var image: String?
    var versionTag: String?
    var references: [String]
    var templates: [String]
  }

  struct Source {
    var name: String
    /// The built manifest's file.
    var file: String
    /// The overlay's folder, whose files problems are told of; nil when it is not at hand.
    var overlay: String?
    var rules: TaskRules
  }

  /// - Returns: the tasks in the order given, and the problems of all of them.
  func prepare(
    _ sources: [Source],
    _ inputs: Inputs,
    operation: Operation
  ) async -> (tasks: [TaskPreparation.Prepared], diagnostics: [Diagnostic]) {
    guard !sources.isEmpty else { return ([], []) }
    var options = ManifestOptions()
    options.files = sources.map(\.file)
    options.set = []
    options.image = inputs.image
    options.versionTag = inputs.versionTag
    options.references = inputs.references
    options.templates = inputs.templates
    let (manifests, problems) = await session.loadResolved(options)
    var diagnostics = problems
    var tasks: [TaskPreparation.Prepared] = []
    let preparation = TaskPreparation(session: session, engine: engine)
    for source in sources {
      // Of a file with problems nothing is read, and they have been told.
      guard let manifest = manifests.first(where: { $0.file == source.file }) else { continue }
      switch preparation.prepare(source.name, manifest, rules: source.rules, operation: operation) {
      case .success(let task):
        tasks.append(task)
        diagnostics += task.job.diagnostics
      case .failure(let failure): diagnostics += failure.diagnostics
      }
    }
    return (tasks, Self.traced(diagnostics, to: sources))
  }

  /// Problems are told where a person can mend them: in the overlay's own files, not in what was built from them.
  /// What several overlays have from one base is told once.
  private static func traced(_ diagnostics: [Diagnostic], to sources: [Source]) -> [Diagnostic] {
    var files: [String: OverlaySources] = [:]
    var told: Set<Diagnostic> = []
    return diagnostics.map { diagnostic in
      guard let place = diagnostic.location,
        let overlay = sources.first(where: { $0.file == place.file })?.overlay
      else { return diagnostic }
      let written = files[overlay] ?? OverlaySources(folder: overlay)
      files[overlay] = written
      var diagnostic = diagnostic
      diagnostic.location =
        diagnostic.path.flatMap { try? FieldPath(parsing: $0) }.flatMap(written.location(of:))
        ?? SourceLocation(file: overlay)
      return diagnostic
    }.filter { told.insert($0).inserted }
  }
}
