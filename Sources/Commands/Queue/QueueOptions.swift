import ArgumentParser
import JobRunner
import JobSources
import LocalFiles
import Manifests
import StackModel

/// Which queue.
struct QueueOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The queue's folder or URL.", valueName: "queue"), completion: .directory)
  var queue: String

  @OptionGroup(title: "Queue at a URL") var endpoint: EndpointOptions

  func validate() throws { try Self.check(queue) }

  static func check(_ queue: String) throws {
    if queue.isEmpty { throw ValidationError("--queue is empty; give the path of a folder, or a URL") }
    guard let scheme = queue.firstRange(of: "://").map({ queue[..<$0.lowerBound] }) else { return }
    guard scheme == "https" || scheme == "http" else {
      throw ValidationError(
        "--queue \(queue): expected the path of a folder, or a URL with https:// or http://"
      )
    }
  }

  static func isURL(_ queue: String) -> Bool { queue.contains("://") }

  /// For what only looks at jobs and decides on them.
  func existing() throws -> QueueAccess { try QueueAccess.open(queue, endpoint) }

  static func existing(_ queue: String) throws -> QueueDirectory {
    let directory = QueueDirectory(root: queue, clock: WallClock.now) { _, _ in
      .failure(DiagnosticFailure(.error("queue.failed", "this command takes in no documents")))
    }
    guard directory.exists else {
      try Console.require([
        .error(
          "queue.none",
          "there is no queue at \(queue)",
          hint: "`stackjob submit --queue \(queue) --operation preview FILE` makes one"
        )
      ])
      throw StackModel.ExitCode.badData.thrown
    }
    return directory
  }

  /// For what takes documents in: made if it is missing.
  func open(_ session: Session) throws -> QueueDirectory { try Self.open(queue, session) }

  static func open(_ queue: String, _ session: Session) throws -> QueueDirectory {
    let directory = QueueDirectory(root: queue, clock: WallClock.now) { job, manifest in
      JobDescription.stack(of: job, manifest: manifest, catalog: session.catalog)
    }
    try QueueFailure.catching { () throws(FileError) in try directory.open() }
    return directory
  }
}

/// What a submitted job is about.
enum JobDescription {
  static func stack(
    of job: StackJob,
    manifest path: String,
    catalog: KindCatalog
  ) -> Result<StackID, DiagnosticFailure> {
    let options: ManifestOptions
    do { options = try manifestOptions(job, path) } catch {
      return .failure(DiagnosticFailure(.error("queue.document", "\(error)")))
    }
    let (manifests, problems) = ManifestLoading.load(options, catalog: catalog, needsImage: job.needsImage)
    guard !problems.hasErrors else { return .failure(DiagnosticFailure(problems)) }
    guard let manifest = manifests.first, manifests.count == 1 else {
      return .failure(
        DiagnosticFailure(
          .error(
            "queue.document",
            "a job takes one manifest, and there are \(manifests.count)",
            hint: "submit a job for each"
          )
        )
      )
    }
    return JobPreparation.stack(manifest)
  }

  static func manifestOptions(_ job: StackJob, _ path: String) throws -> ManifestOptions {
    var arguments = [path]
    if let image = job.image { arguments += ["--image", image] }
    if let version = job.version { arguments += ["--version-tag", version] }
    for file in job.references { arguments += ["--references", file] }
    return try ManifestOptions.parse(arguments)
  }
}

extension StackJob {
  var needsImage: Bool { operation == .preview || operation == .update }
}
