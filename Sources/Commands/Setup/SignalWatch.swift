@preconcurrency import Dispatch
import JobRunner

#if canImport(Glibc)
  import Glibc
#endif

/// Hands the user's signals to the job that runs.
///
/// Ctrl-C, a polite kill and a closed terminal all ask for the same: stop, and keep the state. Only a
/// repeated Ctrl-C asks for more: whoever presses it and then closes the window sends three signals in
/// a moment and means none of them as force.
enum SignalWatch {
  /// Signals have a thread of their own. The threads that Swift's tasks share may all wait for a reader
  /// of our output that has stalled, and a stop must get through then too.
  private static let queue = DispatchQueue(label: "stackjob.signals")

  static func start(_ controller: InterruptController) {
    start { number in
      if number == SIGINT { controller.request() } else { controller.requestPolitely() }
    }
  }

  /// Whoever started us may have had it ignored, as `nohup` does.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Listens until the process ends. Once it returns, signals no longer end the process.
  ///
  /// - Parameter handle: gets the signal's number.
  static func start(_ handle: @escaping @Sendable (Int32) -> Void) {
    // Without this a reader that goes away, as in `stackjob apply | head`, would kill us in mid-apply. A
    // handler, because a child would inherit an ignored signal and gets a handled one as its default.
    signal(SIGPIPE) { _ in }
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      // Dispatch reads signals from a descriptor, which takes a blocked or handled signal.
      signal(number) { _ in }
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        // A source lives as long as somebody holds it, and its own handler does.
        withExtendedLifetime(source) { handle(number) }
      }
      source.resume()
    }
  }
}
