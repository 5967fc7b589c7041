import Deployment
import LocalFiles
import Manifests
import References
import StackModel
import YAMLTree

#if canImport(Glibc)
  import Glibc
#endif

/// From a folder to the variables of one overlay.
struct LocalEnvironmentLoading {
  var overlay: Overlay
  var entries: [EnvironmentEntry]
  /// Where the folder's files say what.
  var sources: OverlaySources
  var problems: [Diagnostic]

  static func load(
    _ options: LocalEnvironmentOptions,
    session: Session,
    stops: ChildStops
  ) async throws -> LocalEnvironmentLoading {
    let repository = try Console.get(ServiceRepository.find(options.folder))
    guard repository.overlayNames.contains(options.overlay) else {
      try Console.require(
        repository.unknownEnvironments(OverlaySelection(branch: nil, environments: [options.overlay]))
      )
      throw StackModel.ExitCode.badData.thrown
    }
    let tool = await KustomizeTool.find(environment: session.environment, stops: stops)
    if stops.isStopped { throw StackModel.ExitCode.cancelled.thrown }
    let built = await repository.build(
      by: try Console.get(tool),
      catalog: session.catalog,
      stops: stops,
      only: [options.overlay]
    )
    guard !stops.isStopped, let overlay = built.first else { throw StackModel.ExitCode.cancelled.thrown }
    // An overlay of a developer's own needs no environment to be deployed to.
    try Console.require(overlay.problems.filter { $0.code != "overlay.environment" })

    let sources = OverlaySources(folder: overlay.path)
    let (manifest, found) = try await read(overlay, options, session)
    let problems = found.map { traced($0, to: sources, of: overlay) }
    var entries = EnvironmentReader(
      tree: manifest.tree,
      references: manifest.references,
      environment: session.environment
    ).entries()
    // What is set by hand needs no value of its own.
    let set = Set(options.assignments.map(\.name))
    let spared = Set(entries.filter { set.contains($0.name) }.map(\.path.description))
    for (name, value) in options.assignments { entries.set(name, to: value) }
    let told = problems.filter { !spared.contains($0.path ?? "") }
    return LocalEnvironmentLoading(
      overlay: overlay,
      entries: entries,
      sources: sources,
      problems: told + open(entries, told, sources, overlay)
    )
  }

  /// References that stay open without a word, because there was nobody to ask for them.
  private static func open(
    _ entries: [EnvironmentEntry],
    _ told: [Diagnostic],
    _ sources: OverlaySources,
    _ overlay: Overlay
  ) -> [Diagnostic] {
    // A source that is broken is told of once, not again for each value that it would have had.
    guard !told.hasErrors else { return [] }
    return entries.filter { $0.value == .missing(EnvironmentReader.unresolved) }.map { entry in
      .error(
        "dotenv.unresolved",
        "`\(entry.name)` has no value: \(EnvironmentReader.unresolved)",
        at: sources.location(of: entry.path) ?? SourceLocation(file: overlay.path),
        path: entry.path.description,
        hint: "give one with --set \(entry.name)=VALUE, or groups with --references FILE"
      )
    }
  }

  /// A problem of the built manifest is told where a person can mend it; one of another file, such as a group's,
  /// where it stands.
  private static func traced(
    _ problem: Diagnostic,
    to sources: OverlaySources,
    of overlay: Overlay
  ) -> Diagnostic {
    guard problem.location?.file.hasPrefix(namelessFolder) != false else { return problem }
    var problem = problem
    problem.location =
      problem.path.flatMap { try? FieldPath(parsing: $0) }.flatMap(sources.location)
      ?? SourceLocation(file: overlay.path)
    return problem
  }

  private static let namelessFolder = "/proc/self/fd/"

  /// Reads the built manifest as any verb reads a file, so that references mean what they mean there.
  private static func read(
    _ overlay: Overlay,
    _ options: LocalEnvironmentOptions,
    _ session: Session
  ) async throws -> (Manifest, [Diagnostic]) {
    var manifestOptions = ManifestOptions()
    manifestOptions.set = []
    manifestOptions.image = nil
    manifestOptions.versionTag = nil
    manifestOptions.references = options.references
    manifestOptions.templates = options.templates
    return try await withNamelessFile(overlay.manifestText) { path in
      manifestOptions.files = [path]
      let (manifests, problems) = await session.loadResolved(manifestOptions, needsImage: false)
      guard let manifest = manifests.first else {
        try Console.require(problems)
        throw StackModel.ExitCode.badData.thrown
      }
      return (manifest, problems)
    }
  }

  /// A file that has no name any more once it is written: no way of ending leaves it behind.
  private static func withNamelessFile<Result>(
    _ bytes: [UInt8],
    _ body: (String) async throws -> Result
  ) async throws -> Result {
    var name = Array("/tmp/stackjob-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else {
      try Console.require([.error("file.unreadable", "\(FileError("create", "/tmp/stackjob-XXXXXX"))")])
      throw StackModel.ExitCode.failed.thrown
    }
    defer { close(descriptor) }
    unlink(name)
    do throws(FileError) {
      try LocalFiles.write(bytes, to: descriptor, path: "/tmp")
    } catch {
      try Console.require([.error("file.unreadable", "\(error)")])
    }
    return try await body("\(namelessFolder)\(descriptor)")
  }
}
