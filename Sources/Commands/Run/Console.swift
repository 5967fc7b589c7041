import LocalFiles
import Presentation
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Standard output for results, standard error for talk.
enum Console {
  /// Set once a reader has gone away: the rest of the output is for nobody.
  private static let outputIsGone = Mutex(false)

  static func print(_ text: String) { write(Array((text + "\n").utf8)) }

  static func write(_ bytes: [UInt8]) {
    outputIsGone.withLock { gone in
      guard !gone else { return }
      do throws(FileError) {
        try LocalFiles.write(bytes, to: STDOUT_FILENO, path: "standard output")
      } catch {
        // `stackjob plan | head` must not end a running apply: the job goes on, its journal is whole.
        gone = true
      }
    }
  }

  /// Puts a question to the person at the terminal, whatever standard output is.
  static func ask(_ question: String) {
    try? LocalFiles.write(Array(question.utf8), to: STDERR_FILENO, path: "standard error")
  }

  /// Shows problems on standard error, with the lines they are about.
  static func show(_ diagnostics: [Diagnostic]) {
    guard !diagnostics.isEmpty else { return }
    let terminal = Terminal.detect(descriptor: STDERR_FILENO, environment: ProcessEnvironment.read())
    let text = DiagnosticText.render(
      diagnostics.inReadingOrder(),
      source: ManifestSource.text,
      style: terminal.style
    )
    try? LocalFiles.write(Array(text.utf8), to: STDERR_FILENO, path: "standard error")
  }

  /// Shows problems and ends the command when there is an error among them.
  static func require(_ diagnostics: [Diagnostic]) throws {
    show(diagnostics)
    if diagnostics.hasErrors { throw exitCode(for: diagnostics).thrown }
  }

  static func exitCode(for diagnostics: [Diagnostic]) -> StackModel.ExitCode {
    diagnostics.contains { $0.severity == .error && $0.code.hasPrefix("engine.") } ? .unavailable : .badData
  }
}
