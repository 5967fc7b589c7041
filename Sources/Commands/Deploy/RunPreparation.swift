import Deployment
import LocalFiles
import Manifests
import StackModel

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
    /// What people call it.
    var shownAs: String
    var rules: TaskRules
  }

  /// - Returns: the tasks in the order given, and the problems of all of them.
  func prepare(
    _ sources: [Source],
    _ inputs: Inputs,
    operation: Operation
  ) -> (tasks: [TaskPreparation.Prepared], diagnostics: [Diagnostic]) {
    guard !sources.isEmpty else { return ([], []) }
    for source in sources { ManifestSource.call(source.file, source.shownAs) }
    var options = ManifestOptions()
    options.files = sources.map(\.file)
    options.image = inputs.image
    options.versionTag = inputs.versionTag
    options.references = inputs.references
    options.templates = inputs.templates
    options.set = []
    let (manifests, problems) = ManifestLoading.load(options, catalog: session.catalog)
    var diagnostics = problems
    var tasks: [TaskPreparation.Prepared] = []
    let preparation = TaskPreparation(session: session, engine: engine)
    for source in sources {
      let found = manifests.filter { $0.file == source.file }
      // Of a file with problems nothing is read, and they have been told.
      guard let manifest = found.first else { continue }
      if found.count > 1 {
        diagnostics.append(
          .error(
            "overlay.documents",
            "the overlay builds \(found.count) documents; one is deployed",
            at: SourceLocation(file: source.file)
          )
        )
        continue
      }
      if manifest.env == nil {
        diagnostics.append(
          .error(
            "overlay.env-missing",
            "the overlay names no environment",
            at: manifest.location,
            path: "metadata.env",
            hint: "set metadata.env; the folder's name is not taken for it"
          )
        )
      }
      switch preparation.prepare(source.name, manifest, rules: source.rules, operation: operation) {
      case .success(let task):
        tasks.append(task)
        diagnostics += task.job.diagnostics
      case .failure(let failure): diagnostics += failure.diagnostics
      }
    }
    return (tasks, diagnostics.map(Self.renamed(sources)))
  }

  /// Problems speak of the overlay, not of where its built text lies.
  private static func renamed(_ sources: [Source]) -> (Diagnostic) -> Diagnostic {
    let names = Dictionary(sources.map { ($0.file, $0.shownAs) }) { first, _ in first }
    return { diagnostic in
      var diagnostic = diagnostic
      if let file = diagnostic.location?.file, let name = names[file] { diagnostic.location?.file = name }
      return diagnostic
    }
  }
}
