import Deployment
import JobRunner
import LocalFiles
import StackModel

/// The built and selected overlays of a service, and what its pipeline file says about them.
struct DeploymentBuild {
  var folder: String
  var pipeline: Pipeline
  var overlays: [Overlay]
  var branch: String?
  var problems: [Diagnostic]
  var user: String

  static func build(_ options: DeploymentOptions, session: Session) async throws -> DeploymentBuild {
    let directory = LocalFiles.rooted(options.directory)
    let named = options.pipeline
    let file = named ?? "\(directory)/\(Pipeline.fileName)"
    var (pipeline, problems): (Pipeline, [Diagnostic]) = (Pipeline(), [])
    if named != nil || LocalFiles.exists(file) { (pipeline, problems) = PipelineFile.read(file) }
    let source = try await OverlaySource.build(
      options.directory,
      branch: options.branch,
      environments: pipeline.deploymentEnvironments?.map(\.name),
      environment: session.environment
    )
    var overlays = source.overlays
    problems += pipeline.unknownNames(overlays: overlays.map(\.name))
    if let names = options.names {
      let known = overlays.map(\.name)
      for name in names where !known.contains(name) {
        problems.append(
          .error(
            "deploy.unknown-environment",
            "--environments: there is no overlay `\(name)`",
            hint: Suggestion.nearest(to: name, among: known).map { "did you mean `\($0)`?" }
              ?? "overlays are \(known.joined(separator: ", "))"
          )
        )
      }
      for index in overlays.indices where !names.contains(overlays[index].name) {
        overlays[index].isSelected = false
        overlays[index].reason = "not among --environments"
      }
    }
    for overlay in overlays {
      // What is not deployed stops nothing.
      problems += overlay.problems.map { problem in
        guard !overlay.isSelected, problem.severity == .error else { return problem }
        var problem = problem
        problem.severity = .warning
        return problem
      }
    }
    return DeploymentBuild(
      folder: source.folder,
      pipeline: pipeline,
      overlays: overlays,
      branch: options.branch,
      problems: problems,
      user: User.name(session.environment)
    )
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
        else {
          return nil
        }
        try LocalFiles.replace(folder.manifest(entry.name), with: overlay.manifestText)
        return RunPreparation.Source(
          name: entry.name,
          file: folder.manifest(entry.name),
          shownAs: overlay.path,
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
    parallel: Int,
    skipping access: RunAccess?
  ) -> Run {
    let earlier = access.map {
      EarlierDeployments(store: $0.store, stateHome: $0.session.locations.stateHome)
    }
    let entries = order
    return Run(
      id: id,
      createdAt: WallClock.now(),
      createdBy: user,
      folder: folder,
      branch: branch,
      image: options.image,
      versionTag: options.versionTag,
      references: options.references.map(LocalFiles.absolute),
      templates: options.templates.map(LocalFiles.absolute),
      engine: engine,
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
