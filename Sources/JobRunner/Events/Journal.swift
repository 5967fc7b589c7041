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
    var writeFailure: FileError?
    /// How much of the file is whole events.
    var size: off_t = 0
    var isFinished = false
  }

  private let job: String
  private let stack: StackID
  private let path: String
  private let descriptor: Int32
  package let redactor: Redactor
  private let clock: @Sendable () -> Timestamp
  private let sink: Sink
  private let state = Mutex(State())

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
      do throws(FileError) {
        var line = event.json.bytes()
        line.append(UInt8(ascii: "\n"))
        try LocalFiles.write(line, to: descriptor, path: path)
        state.size += off_t(line.count)
      } catch {
        // Half an event would spoil the next one as well.
        ftruncate(descriptor, state.size)
        // A full disk must not end a running apply; the job says so at its end.
        state.writeFailure = state.writeFailure ?? error
      }
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

  /// The first write that failed: the file is not complete then.
  package var writeFailure: FileError? { state.withLock { $0.writeFailure } }

  /// Makes sure that all events have reached the disk.
  package func sync() { fsync(descriptor) }
}
