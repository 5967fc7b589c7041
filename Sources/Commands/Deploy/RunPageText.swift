import Presentation

#if canImport(Glibc)
  import Glibc
#endif

/// A run's page as standard output shows it.
enum RunPageText {
  static func text(_ page: RunPage, environment: [String: String]) -> String {
    let terminal = Terminal.detect(descriptor: STDOUT_FILENO, environment: environment)
    return
      (RunText.lines(page, style: terminal.style, width: terminal.width)
      + RunText.notes(page, style: terminal.style)).joined(separator: "\n")
  }
}
