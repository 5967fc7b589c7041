import Deployment
import JobRunner
import JobSources
import LocalFiles
import StackModel
import YAMLTree

/// The built and selected overlays of a service, and what its pipeline file says about them.
struct DeploymentBuild {
  var folder: String
  var pipeline: Pipeline
  var overlays: [Overlay]
  var branch: String?
  var commit: String?
  /// All there are, those of overlays among them.
  var problems: [Diagnostic]
  var user: String

  static func build(
    _ options: DeploymentOptions,
    session: Session,
    stops: ChildStops
  ) async throws -> DeploymentBuild {
    guard let source = options.fromConfigmap else {
      return try await fromRepository(options, session: session, stops: stops)
    }
    let map = ManifestMapSource(source, namespace: options.namespace)
    let loaded = await map.load(environment: session.environment, stops: stops)
    // What a stopped child says of itself is no news.
    if stops.isStopped { throw StackModel.ExitCode.cancelled.thrown }
    let built = try Console.get(
      loaded.flatMap { ManifestMap.overlays(in: $0, file: map.shownName, catalog: session.catalog) }
    )
    let (pipeline, problems) = pipeline(options.pipeline, orBeside: Pipeline.fileName)
    let selection = OverlaySelection(
      // The repository that the map was built from need not be here: its head says nothing.
      branch: GitBranch.find(flag: options.repository.branch, environment: session.environment, folder: "/")?
        .name,
      environments: listed(options, pipeline)
    )
    let overlays = ServiceRepository.select(built, selection)
    return DeploymentBuild(
      folder: map.shownName,
      pipeline: pipeline,
      overlays: overlays,
      branch: selection.branch,
      commit: GitCommit.find(environment: session.environment, folder: nil),
      problems: problems + unknown(selection.environments, pipeline, overlays.map(\.name))
        + overlays.flatMap(\.problems)
        + ServiceRepository.overruled(options.repository.environmentNames, in: overlays),
      user: User.name(session.environment)
    )
  }

  private static func fromRepository(
    _ options: DeploymentOptions,
    session: Session,
    stops: ChildStops
  ) async throws -> DeploymentBuild {
    let folder = try Console.get(ServiceRepository.find(options.repository.folder)).folder
    let (pipeline, problems) = pipeline(options.pipeline, orBeside: pipelineFile(beside: folder))
    let loaded = await RepositoryLoading.load(
      folder: options.repository.folder,
      branch: options.repository.branch,
      environments: listed(options, pipeline),
      session: session,
      stops: stops
    )
    if stops.isStopped { throw StackModel.ExitCode.cancelled.thrown }
    let loading = try Console.get(loaded)
    let unknown = pipeline.unknownNames(overlays: loading.repository.overlayNames)
    // The file's own list is told of by the file's lines.
    let told = Set(unknown.map(\.message))
    return DeploymentBuild(
      folder: LocalFiles.absolute(folder),
      pipeline: pipeline,
      overlays: loading.overlays,
      branch: loading.branch?.name,
      commit: GitCommit.find(environment: session.environment, folder: folder),
      problems: problems + unknown + loading.allProblems.filter { !told.contains($0.message) }
        + ServiceRepository.overruled(options.repository.environmentNames, in: loading.overlays),
      user: User.name(session.environment)
    )
  }

  private static func pipeline(_ named: String?, orBeside file: String) -> (Pipeline, [Diagnostic]) {
    named != nil || LocalFiles.exists(file) ? PipelineFile.read(named ?? file) : (Pipeline(), [])
  }

  private static func listed(_ options: DeploymentOptions, _ pipeline: Pipeline) -> [String] {
    let names = options.repository.environmentNames
    return names.isEmpty ? pipeline.deploymentEnvironments?.map(\.name) ?? [] : names
  }

  private static func unknown(_ listed: [String], _ pipeline: Pipeline, _ names: [String]) -> [Diagnostic] {
    let found = pipeline.unknownNames(overlays: names)
    let rest = listed.filter { name in
      !names.contains(name) && !pipeline.mentioned.contains { $0.name == name }
    }
    return found
      + rest.map { name in
        .error(
          "overlay.unknown",
          "there is no overlay `\(name)`",
          hint: Suggestion.nearest(to: name, among: names).map { "did you mean `\($0)`?" }
        )
      }
  }

  /// Written as the user wrote the folder.
  private static func pipelineFile(beside folder: String) -> String {
    // Somebody who stands in `_kustomize` gives it as `.`.
    guard LocalFiles.name(of: folder) == ServiceRepository.folderName else {
      return "\(folder)/../\(Pipeline.fileName)"
    }
    return folder.contains("/") ? "\(LocalFiles.parent(of: folder))/\(Pipeline.fileName)" : Pipeline.fileName
  }

  /// Those not told before: overlays are checked when they are built.
  func new(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    diagnostics.filter { diagnostic in
      !problems.contains {
        $0.code == diagnostic.code && $0.path == diagnostic.path && $0.message == diagnostic.message
      }
    }
  }

  /// In the order in which they are deployed.
  private var order: [TaskOrder.Entry] {
    TaskOrder(overlays.filter(\.isSelected).map(\.name), by: pipeline).entries
  }

  /// Writes the built manifests of the selected overlays where a later process finds them. References stand in
  /// them as they stand in the overlay.
  func keepManifests(in folder: RunStore.Folder) throws -> [RunPreparation.Source] {
    do {
      try LocalFiles.makeFolder("\(folder.path)/manifests", durably: true)
      return try order.compactMap { entry in
        guard let overlay = overlays.first(where: { $0.name == entry.name }), !overlay.problems.hasErrors
        else { return nil }
        try LocalFiles.replace(folder.manifest(entry.name), with: overlay.manifestText)
        return RunPreparation.Source(
          name: entry.name,
          file: folder.manifest(entry.name),
          overlay: LocalFiles.isFolder(overlay.path) ? overlay.path : nil,
          rules: pipeline.rules(for: entry.name)
        )
      }
    } catch let error as FileError {
      try Console.require([RunAccess.unwritable(error)])
      throw StackModel.ExitCode.failed.thrown
    }
  }

  /// - Parameter skipping: whose earlier deployments spare this one a task; nil to run all.
  func run(
    _ id: String,
    _ tasks: [TaskPreparation.Prepared],
    _ options: DeploymentOptions,
    engine: EngineName?,
    queue: QueueDirectory?,
    parallel: Int,
    skipping access: RunAccess?
  ) -> Run {
    let earlier = access.map {
      EarlierDeployments(store: $0.store, stateHome: $0.session.locations.stateHome, queue: queue)
    }
    let entries = order
    return Run(
      id: id,
      createdAt: WallClock.now(),
      createdBy: user,
      folder: folder,
      branch: branch,
      commit: commit,
      image: options.image,
      versionTag: options.versionTag,
      references: options.references.map(LocalFiles.absolute),
      templates: options.templates.map(LocalFiles.absolute),
      sources: pipeline.references?.json,
      engine: engine,
      queue: queue?.layout.root,
      parallel: parallel,
      tasks: tasks.map { task in
        var result = RunTask(
          name: task.name,
          stack: task.job.stack,
          after: entries.first { $0.name == task.name }?.after ?? [],
          rules: pipeline.rules(for: task.name),
          inputs: task.inputs
        )
        if let run = earlier?.run(of: task.job.stack, inputs: task.inputs) {
          result.status = .completed
          result.result = .skipped
          result.isUnchanged = true
          result.reason = "deployed with the same inputs by run \(run)"
        }
        return result
      }
    )
  }
}
