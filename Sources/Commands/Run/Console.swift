import LocalFiles
import Presentation
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Standard output for results, standard error for talk.
enum Console {
  /// Set once standard output takes no more: the rest of the output is for nobody.
  private static let outputFailure = Mutex<FileError?>(nil)

  /// Why results got lost. A reader that has gone away, as in `stackjob plan | head`, has seen enough
  /// and lost nothing.
  static var failure: FileError? { outputFailure.withLock { $0 }.flatMap { $0.isBrokenPipe ? nil : $0 } }

  /// Whether nobody reads the results any more. Asked of the stream itself: a watch that has nothing new to
  /// say writes nothing, and would not notice.
  static var isClosed: Bool {
    if outputFailure.withLock({ $0 != nil }) { return true }
    var request = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    return poll(&request, 1, 0) > 0 && request.revents & Int16(POLLERR | POLLHUP) != 0
  }

  static func print(_ text: String) { write(Array((text + "\n").utf8)) }

  /// Of a supervisor, whose standard output is a file that has to be whole.
  private static let keptOutput = Mutex<GrowingFile?>(nil)

  /// From now on output that finds no room on the disk is kept until there is some.
  static func keepOutput() {
    keptOutput.withLock { $0 = GrowingFile(descriptor: STDOUT_FILENO, path: "standard output") }
  }

  /// Why kept output is not all there; tries once more to write it.
  static func flushOutput() -> FileError? {
    keptOutput.withLock { file in
      file?.flush()
      return file?.failure
    }
  }

  static func write(_ bytes: [UInt8]) {
    let isKept = keptOutput.withLock { file in
      file?.append(bytes)
      return file != nil
    }
    guard !isKept else { return }
    outputFailure.withLock { failure in
      guard failure == nil else { return }
      do throws(FileError) {
        try LocalFiles.write(bytes, to: STDOUT_FILENO, path: "standard output")
      } catch {
        // This must not end a running apply: the job goes on, its journal is whole.
        failure = error
      }
    }
  }

  /// Puts a question to the person at the terminal, whatever standard output is.
  static func ask(_ question: String) { note(question) }

  /// Says something on standard error. When that is closed there is nowhere left to say so.
  static func note(_ text: String) {
    try? LocalFiles.write(Array(text.utf8), to: STDERR_FILENO, path: "standard error")
  }

  private static let shownProblems = Mutex<[Diagnostic]>([])

  /// All problems that were shown, for who keeps them beside the job.
  static var shown: [Diagnostic] { shownProblems.withLock { $0 } }

  /// Shows problems on standard error, with the lines they are about.
  static func show(_ diagnostics: [Diagnostic]) {
    guard !diagnostics.isEmpty else { return }
    shownProblems.withLock { $0 += diagnostics }
    let terminal = Terminal.detect(descriptor: STDERR_FILENO, environment: ProcessEnvironment.read())
    let text = DiagnosticText.render(
      diagnostics.inReadingOrder(),
      source: ManifestSource.text,
      style: terminal.style
    )
    note(text)
  }

  private static let tellsDocument = Mutex(false)

  /// Called by a command whose standard output is one JSON document, whatever happens.
  static func tellDocument(_ isDocument: Bool) { tellsDocument.withLock { $0 = isDocument } }

  /// Shows problems and ends the command when there is an error among them.
  static func require(_ diagnostics: [Diagnostic]) throws {
    show(diagnostics)
    guard diagnostics.hasErrors else { return }
    if tellsDocument.withLock({ $0 }) {
      let problems = diagnostics.inReadingOrder().map(\.json)
      write(JSONValue.object(["jobs": [], "diagnostics": .array(problems)]).bytes(.pretty))
    }
    throw exitCode(for: diagnostics).thrown
  }

  /// The messages of an engine, likewise.
  static func show(_ diagnostics: [EngineDiagnostic]) {
    let terminal = Terminal.detect(descriptor: STDERR_FILENO, environment: ProcessEnvironment.read())
    let text = DiagnosticText.render(diagnostics, source: ManifestSource.text, style: terminal.style)
    try? LocalFiles.write(Array(text.utf8), to: STDERR_FILENO, path: "standard error")
  }

  /// The value, or the end of the command with its problems told.
  static func get<Value>(_ result: Result<Value, DiagnosticFailure>) throws -> Value {
    switch result {
    case .success(let value): return value
    case .failure(let failure):
      try require(failure.diagnostics)
      throw exitCode(for: failure.diagnostics).thrown
    }
  }

  static func exitCode(for diagnostics: [Diagnostic]) -> StackModel.ExitCode {
    let codes = diagnostics.filter { $0.severity == .error }.map(\.code)
    func contain(_ starts: String...) -> Bool {
      codes.contains { code in starts.contains(where: code.hasPrefix) }
    }
    if contain("platform.credentials", "platform.forbidden") { return .credentials }
    return contain("engine.", "platform.", "kustomize.") ? .unavailable : .badData
  }
}
