package import LocalFiles
package import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Numbers the events of one job, masks secrets in them, keeps them on disk and hands them on.
///
/// The file is the record; whatever else shows the job shows a copy of it. An event is in the file
/// before any sink sees it.
package final class Journal: Sendable {
  package typealias Sink = @Sendable (JobEvent) -> Void

  private struct State {
    var nextSeq = 1
    var inFlight: [String: ResourceStep] = [:]
    var file: GrowingFile
    var isFinished = false
  }

  private let job: String
  private let stack: StackID
  private let path: String
  private let descriptor: Int32
  package let redactor: Redactor
  private let clock: @Sendable () -> Timestamp
  private let sink: Sink
  private let state: Mutex<State>
  /// How long the end waits for room on a full disk, in seconds.
  private static let patience = 5.0

  /// - Parameter path: the file of the job's events, which must not exist yet.
  package init(
    job: String,
    stack: StackID,
    path: String,
    redactor: Redactor,
    clock: @escaping @Sendable () -> Timestamp,
    sink: @escaping Sink
  ) throws(FileError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("create", path) }
    state = Mutex(State(file: GrowingFile(descriptor: descriptor, path: path)))
    self.job = job
    self.stack = stack
    self.path = path
    self.redactor = redactor
    self.clock = clock
    self.sink = sink
  }

  deinit { close(descriptor) }

  /// Records a fact. Events are handed on in the order of their numbers; `job.finished` is the last,
  /// and what comes after it (a Ctrl-C, say) is no fact about the job any more.
  package func append(_ body: JobEvent.Body) {
    state.withLock { state in
      guard !state.isFinished else { return }
      if case .jobFinished = body { state.isFinished = true }
      let event = JobEvent(
        seq: state.nextSeq,
        time: clock(),
        job: job,
        stack: stack,
        body: redactor.redact(body)
      )
      state.nextSeq += 1
      Self.follow(event.body, &state.inFlight)
      var line = event.json.bytes()
      line.append(UInt8(ascii: "\n"))
      // A full disk must not end a running apply; the job says so at its end.
      state.file.append(line)
      sink(event)
    }
  }

  /// The resources that the engine works on now, by address.
  package var inFlight: [ResourceStep] {
    state.withLock { $0.inFlight.values.sorted { $0.address < $1.address } }
  }

  private static func follow(_ body: JobEvent.Body, _ inFlight: inout [String: ResourceStep]) {
    switch body {
    // Reading a resource loses nothing when it is cut short.
    case .resourceStarted(let step) where step.action != "refresh" && step.action != "read":
      inFlight[step.address] = step
    case .resourceFinished(let step), .resourceFailed(let step): inFlight[step.address] = nil
    default: break
    }
  }

  /// Why the file is not complete; nil when it is.
  package var writeFailure: FileError? { state.withLock { $0.file.failure } }

  /// Makes sure that all events have reached the disk.
  package func sync() {
    let watch = Stopwatch()
    while writeFailure?.mayPass == true, watch.seconds < Self.patience {
      usleep(100_000)
      state.withLock { $0.file.flush() }
    }
    fsync(descriptor)
  }
}
