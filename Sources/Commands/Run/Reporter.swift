import JobRunner
import LocalFiles
import Presentation
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Tells of the jobs of one command line in the form that the user asked for.
struct Reporter {
  private let output: OutputOptions
  private let environment: [String: String]
  /// Only failures are told.
  private let isSilent: Bool
  private var listeners: [JobListener] = []

  init(output: OutputOptions, environment: [String: String], isSilent: Bool = false) {
    self.output = output
    self.environment = environment
    self.isSilent = isSilent
  }

  /// Begins the next job.
  mutating func open() -> JobListener {
    let listener = JobListener(output: output, environment: environment, isSilent: isSilent)
    listeners.append(listener)
    return listener
  }

  /// Ends the command: documents that hold all jobs are written now.
  func finish() {
    switch output.output {
    case .text, .ndjson: break
    case .json:
      Console.write(JSONValue.object(["jobs": .array(listeners.map(\.document))]).bytes(.pretty))
    case .markdown:
      // One comment holds them all.
      let share = PlanMarkdown.commentLimit / max(1, listeners.count) - 1
      Console.print(listeners.map { $0.markdown(limit: share) }.joined(separator: "\n"))
    }
  }
}

/// Hears the events of one job.
final class JobListener: Sendable {
  private let form: JobOutput
  private let text: TextPresenter?
  private let record = Mutex(JobRecord())
  private let ticker = Mutex<Task<Void, Never>?>(nil)

  fileprivate init(output: OutputOptions, environment: [String: String], isSilent: Bool) {
    form = output.output
    guard output.output == .text, !isSilent else {
      text = nil
      return
    }
    let terminal = Terminal.detect(descriptor: STDOUT_FILENO, environment: environment)
    let verbosity: TextPresenter.Verbosity =
      output.quiet ? .quiet : output.verbose ? .verbose : .normal
    let presenter = TextPresenter(
      terminal: terminal,
      verbosity: verbosity,
      source: ManifestSource.text,
      write: { Console.write(Array($0.utf8)) }
    )
    text = presenter
    guard terminal.isLive else { return }
    ticker.withLock { ticker in
      ticker = Task {
        // Cancellation is how the ticker ends; nothing depends on it.
        while (try? await Task.sleep(for: .milliseconds(120))) != nil { presenter.tick() }
      }
    }
  }

  func handle(_ event: JobEvent) {
    record.withLock { $0.add(event) }
    if let text { text.handle(event) }
    if form == .ndjson { Console.write(event.json.bytes() + [UInt8(ascii: "\n")]) }
  }

  /// Asks on the terminal, below whatever is shown there.
  func prompt(_ question: String) { Console.ask(question) }

  func end(outcome: JobOutcome) {
    ticker.withLock { $0 }?.cancel()
    record.withLock { $0.journal = outcome.journal }
    text?.finish(journal: outcome.journal)
    if form == .text, text == nil, outcome.exitCode != .done {
      Console.show(record.withLock { $0.diagnostics })
    }
  }

  var document: JSONValue { record.withLock { $0.document } }

  func markdown(limit: Int = PlanMarkdown.commentLimit) -> String {
    record.withLock { PlanMarkdown.render($0, limit: limit) }
  }
}
