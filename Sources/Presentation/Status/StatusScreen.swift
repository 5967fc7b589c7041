package import StackModel

/// A status that is drawn again and again at a terminal.
package struct StatusScreen: Sendable {
  private var screen = LiveScreen()
  private var terminal: Terminal
  private var last: [String] = []

  package init(terminal: Terminal) { self.terminal = terminal }

  /// - Returns: what to write.
  package mutating func draw(_ status: ServiceStatus, of stack: String, note: String) -> String {
    terminal.measure()
    let style = terminal.style
    last = StatusText.lines(status, of: stack, style: style, width: terminal.width - 1)
    let foot = style.paint(TextWidth.clip(SafeText.line(note), to: terminal.width - 1), .dim)
    // What does not fit the window would scroll away, and be drawn again below.
    var room = terminal.height - 2
    let fitting = last.prefix { line in
      room -= LiveScreen.rows(of: line, width: terminal.width)
      return room >= 0
    }
    return screen.update(printing: [], live: fitting + [foot], width: terminal.width)
  }

  /// Leaves the whole of the last status on the screen and gives the cursor back.
  package mutating func finish() -> String {
    screen.update(printing: last, live: [], width: terminal.width)
  }
}
