import Platforms
import Presentation
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Tells what was found in the form that the user asked for.
final class StatusReporter: Sendable {
  private struct State {
    var screen: StatusScreen?
    var last: ServiceStatus?
    var isOver = false
  }

  private let stack: String
  private let form: Status.Form
  private let watching: Bool
  private let terminal: Terminal
  private let state: Mutex<State>

  init(stack: StackID, form: Status.Form, watching: Bool, environment: [String: String]) {
    self.stack = "\(stack)"
    self.form = form
    self.watching = watching
    terminal = Terminal.detect(descriptor: STDOUT_FILENO, environment: environment)
    let isDrawn = watching && form == .text && terminal.isLive
    state = Mutex(State(screen: isDrawn ? StatusScreen(terminal: terminal) : nil))
  }

  func show(_ status: ServiceStatus) {
    state.withLock { state in
      guard !state.isOver else { return }
      let earlier = state.last
      state.last = status
      if state.screen != nil {
        draw(status, "at \(status.fetchedAt); Ctrl-C ends the watch", &state)
      } else if form == .json {
        if watching, !StatusChange.isNew(status, since: earlier) { return }
        Console.write(document(status).bytes(watching ? .compact : .pretty) + (watching ? [0x0A] : []))
      } else if watching {
        if let line = StatusChange.line(from: earlier, to: status) { Console.print(line) }
      } else {
        let lines = StatusText.lines(status, of: stack, style: terminal.style, width: terminal.width)
        Console.print(lines.joined(separator: "\n"))
      }
    }
  }

  /// A look that failed and will be tried again.
  func note(_ failure: PlatformFailure) {
    state.withLock { state in
      guard !state.isOver else { return }
      if state.screen != nil, let last = state.last {
        draw(last, "no answer since \(last.fetchedAt): \(failure.message)", &state)
      } else {
        Console.show([Diagnostic(.warning, code: failure.diagnostic.code, failure.message)])
      }
    }
  }

  /// The failure that ends the command.
  func fail(_ failure: PlatformFailure) {
    _ = finish()
    Console.show([failure.diagnostic])
  }

  /// Leaves the last status on the screen; later calls show nothing.
  ///
  /// - Returns: the last status, if there was one.
  func finish() -> ServiceStatus? {
    state.withLock { state in
      if !state.isOver, state.screen != nil, state.last != nil {
        Console.write(Array((state.screen?.finish() ?? "").utf8))
      }
      state.isOver = true
      return state.last
    }
  }

  private func draw(_ status: ServiceStatus, _ note: String, _ state: inout State) {
    Console.write(Array((state.screen?.draw(status, of: stack, note: note) ?? "").utf8))
  }

  private func document(_ status: ServiceStatus) -> JSONValue {
    var document: JSONObject = ["stack": .string(stack)]
    for (key, value) in status.json.object ?? [:] { document[key] = value }
    return .object(document)
  }
}
