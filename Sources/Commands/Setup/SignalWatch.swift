import JobRunner
import UnixSignals

#if canImport(Glibc)
  import Glibc
#endif

/// Hands the user's signals to the job that runs.
///
/// Ctrl-C, a polite kill and a closed terminal all ask for the same: stop, and keep the state. Only a
/// repeated Ctrl-C asks for more: whoever presses it and then closes the window sends three signals in
/// a moment and means none of them as force.
enum SignalWatch {
  /// Listens until the process ends. Returns once signals no longer end the process.
  static func start(_ controller: InterruptController) async {
    // Without this a reader that goes away, as in `stackjob apply | head`, would kill us in mid-apply. A
    // handler, because a child would inherit an ignored signal and gets a handled one as its default.
    signal(SIGPIPE) { _ in }
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    Task {
      for await signal in signals {
        if signal == .sigint { controller.request() } else { controller.requestPolitely() }
      }
    }
  }
}
