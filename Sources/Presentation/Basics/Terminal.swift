#if canImport(Glibc)
  import Glibc
#endif

/// What the place that text goes to can do.
package struct Terminal: Sendable, Hashable {
  package var isTerminal: Bool
  /// Whether lines may be drawn again: false in CI logs, pipes and on `TERM=dumb`.
  package var isLive: Bool
  package var hasColor: Bool
  /// Columns that a line may fill.
  package var width: Int
  package var height: Int
  /// Asked again for its size while live, because people resize windows.
  private var descriptor: Int32?

  package init(
    isTerminal: Bool = false,
    isLive: Bool = false,
    hasColor: Bool = false,
    width: Int = Terminal.plainWidth,
    height: Int = 24
  ) {
    self.isTerminal = isTerminal
    self.isLive = isLive
    self.hasColor = hasColor
    self.width = width
    self.height = height
  }

  /// The width of text that no window bounds. Fixed, so that logs of two runs can be compared.
  package static let plainWidth = 100

  /// Looks at a file descriptor and at the variables by which people say what they want.
  ///
  /// `NO_COLOR` turns colour off, whatever else is set; `CLICOLOR_FORCE` turns it on, even in a pipe
  /// or in CI. `CI` means plain output: a log keeps every redrawn line for ever.
  package static func detect(descriptor: Int32, environment: [String: String]) -> Terminal {
    func isSet(_ name: String) -> Bool {
      guard let value = environment[name] else { return false }
      return !["", "0", "false"].contains(value)
    }
    let isTerminal = isatty(descriptor) == 1
    let isPlain = isSet("CI") || environment["TERM"] == "dumb"
    let isColorRefused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    var terminal = Terminal(
      isTerminal: isTerminal,
      isLive: isTerminal && !isPlain,
      hasColor: !isColorRefused && (isSet("CLICOLOR_FORCE") || isTerminal && !isPlain)
    )
    if terminal.isLive {
      terminal.descriptor = descriptor
      terminal.width = environment["COLUMNS"].flatMap { Int($0) } ?? 80
      terminal.measure()
    }
    return terminal
  }

  package var style: Style { Style(hasColor: hasColor) }

  /// Takes over the window's size, if there is a window.
  mutating func measure() {
    guard let descriptor else { return }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return }
    width = Int(size.ws_col)
    height = size.ws_row > 0 ? Int(size.ws_row) : height
  }
}
