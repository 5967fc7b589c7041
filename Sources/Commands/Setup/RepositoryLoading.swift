import Deployment
import StackModel

/// From a folder to overlays that are built and chosen.
struct RepositoryLoading: Sendable {
  let repository: ServiceRepository
  let branch: GitBranch?
  /// In the order of their names, with the choice made.
  let overlays: [Overlay]
  /// Problems of the repository as a whole; those of overlays are theirs.
  let problems: [Diagnostic]

  /// - Parameter environments: names of overlays, empty for all.
  static func load(
    folder: String,
    branch: String?,
    environments: [String],
    session: Session,
    stops: ChildStops
  ) async -> Result<RepositoryLoading, DiagnosticFailure> {
    let repository: ServiceRepository
    switch ServiceRepository.find(folder) {
    case .success(let found): repository = found
    case .failure(let failure): return .failure(failure)
    }
    let tool: KustomizeTool
    switch await KustomizeTool.find(environment: session.environment, stops: stops) {
    case .success(let found): tool = found
    case .failure(let failure): return .failure(failure)
    }
    let branch = GitBranch.find(flag: branch, environment: session.environment, folder: repository.folder)
    let selection = OverlaySelection(branch: branch?.name, environments: environments)
    let built = await repository.build(by: tool, catalog: session.catalog, stops: stops)
    return .success(
      RepositoryLoading(
        repository: repository,
        branch: branch,
        overlays: ServiceRepository.select(built, selection),
        problems: repository.problems + repository.unknownEnvironments(selection)
      )
    )
  }

  /// All problems there are, in the order of the overlays. What several have from one base is told once.
  var allProblems: [Diagnostic] {
    var told: Set<Diagnostic> = []
    return (problems + overlays.flatMap(\.problems)).filter { told.insert($0).inserted }
  }
}
