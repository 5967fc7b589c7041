package import StackModel
import Synchronization

/// Tells a person at a terminal, or the reader of a log, what a job does.
///
/// Where the terminal can do it, one line per running phase and resource stands at the bottom, with a
/// spinner and the seconds, and what is over scrolls away above. Elsewhere each fact that is worth
/// reading is one line, the same on every run.
///
/// Feed it every event of one job in order, call ``tick()`` every 100 to 200 ms while the job runs, and
/// ``finish(journal:)`` once it is over. All three may be called from any thread.
package final class TextPresenter: Sendable {
  package enum Verbosity: Sendable, Hashable, CaseIterable {
    /// Problems, the plan in one line, outputs and the result.
    case quiet
    case normal
    /// Also reads, lock, state, commands and every line of the engine.
    case verbose
  }

  private struct State {
    var transcript: Transcript
    var screen = LiveScreen()
    var terminal: Terminal
    var frame = 0
    var isFinished = false
  }

  private let state: Mutex<State>
  private let clock: @Sendable () -> Double
  private let write: @Sendable (String) -> Void

  /// - Parameters:
  ///   - source: the text of a manifest by the name that locations have, for showing the line that
  ///     a message of the engine is about.
  ///   - clock: seconds on a clock that only goes forward.
  ///   - write: gets whole lines and drawing codes, in order, never from two threads at once.
  package init(
    terminal: Terminal,
    verbosity: Verbosity = .normal,
    source: @escaping @Sendable (String) -> String? = { _ in nil },
    clock: @escaping @Sendable () -> Double = TextPresenter.uptime,
    write: @escaping @Sendable (String) -> Void
  ) {
    let transcript = Transcript(
      style: terminal.style,
      width: terminal.width,
      isLive: terminal.isLive,
      verbosity: verbosity,
      source: source
    )
    state = Mutex(State(transcript: transcript, terminal: terminal))
    self.clock = clock
    self.write = write
  }

  package func handle(_ event: JobEvent) {
    state.withLock { state in
      let lines = state.transcript.lines(for: event, now: clock())
      if case .interrupted = event.body { state.screen.keepsCursor = true }
      // Redrawing waits for the next tick unless something scrolls, or a question is about to be
      // asked below: thousands of events a second must not become thousands of frames.
      if !lines.isEmpty || state.transcript.isPaused { show(lines, &state) }
    }
  }

  /// Draws the live lines again. Does nothing in plain output.
  package func tick() {
    state.withLock { state in
      guard state.terminal.isLive, !state.isFinished, !state.transcript.isPaused else { return }
      state.frame += 1
      state.terminal.measure()
      state.transcript.width = state.terminal.width
      show([], &state)
    }
  }

  /// Takes the live lines away, gives the cursor back and tells the result. Later calls do nothing.
  ///
  /// - Parameter journal: where the job's record lies, told when the job did not succeed.
  package func finish(journal: String? = nil) {
    state.withLock { state in
      guard !state.isFinished else { return }
      state.isFinished = true
      show(state.transcript.closingLines(journal: journal), &state)
    }
  }

  private func show(_ lines: [String], _ state: inout State) {
    guard state.terminal.isLive else {
      if !lines.isEmpty { write(lines.joined(separator: "\n") + "\n") }
      return
    }
    let live =
      state.isFinished || state.transcript.isPaused
      ? [] : state.transcript.running.lines(at: clock(), frame: state.frame, terminal: state.terminal)
    let output = state.screen.update(printing: lines, live: live, width: state.terminal.width)
    if !output.isEmpty { write(output) }
  }

  /// Seconds on the monotonic clock.
  package static let uptime: @Sendable () -> Double = {
    let start = ContinuousClock.now
    return {
      let elapsed = start.duration(to: .now).components
      return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }
  }()
}
