import Digests
import JobSources
import LocalFiles
import StackModel

/// Where a worker's jobs come from, and what differs between a folder and a URL.
struct WorkerSource {
  let jobs: any JobSource
  /// Folders in which something comes about.
  let watched: [String]
  /// Where it is kept what memory stacks take.
  let memory: String
  /// Takes in what came from outside; returns lines for the log.
  let intake: () throws(FileError) -> [String]
  /// Tells whom jobs want to be told; nil when that is a server's affair.
  let callbacks: CallbackSender?
  /// Gives back what was claimed and not begun.
  let close: () -> Void
  /// Why a server is of no use; nil when it was something else that failed.
  let failure: () -> QueueClient.Failure?

  static func open(
    _ queue: QueueOptions,
    _ session: Session,
    untilEmpty: Bool,
    wake: @escaping @Sendable () -> Void,
    drain: @escaping @Sendable () -> Void,
    onEnd: @escaping @Sendable (QueuedJob) -> Void,
    log: @escaping @Sendable (String) -> Void
  ) throws -> WorkerSource {
    guard QueueOptions.isURL(queue.queue) else {
      var directory = try queue.open(session)
      directory.onEnd = onEnd
      let callbacks = CallbackSender(queue: directory, rules: session.settings.callbacks, log: log)
      return folder(directory, callbacks)
    }
    let endpoint = queue.endpoint.endpoint(queue.queue)
    let name = SHA256.digest(of: Array(endpoint.url.utf8)).prefix(16)
    let spool = "\(session.locations.stateHome)/spool/\(name)"
    let catalog = session.catalog
    let source = HTTPJobSource(
      endpoint: endpoint,
      spool: spool,
      wait: untilEmpty ? 1 : 20,
      describe: { job, manifest in JobDescription.stack(of: job, manifest: manifest, catalog: catalog) },
      wake: wake,
      drain: drain,
      onEnd: onEnd
    )
    try QueueFailure.catching { () throws(FileError) in try source.open() }
    return WorkerSource(
      jobs: source,
      watched: [],
      memory: "\(spool)/memory.json",
      intake: { () throws(FileError) in source.takeLines() },
      callbacks: nil,
      close: { source.close() },
      failure: { source.failure }
    )
  }

  private static func folder(_ directory: QueueDirectory, _ callbacks: CallbackSender) -> WorkerSource {
    WorkerSource(
      jobs: directory,
      watched: directory.layout.watched,
      memory: directory.layout.memory,
      intake: { () throws(FileError) in
        try directory.takeIncoming().map(\.words) + directory.takeRequests()
      },
      callbacks: callbacks,
      close: {},
      failure: { nil }
    )
  }
}
