import JobRunner
import UnixSignals

/// Hands the user's signals to the job that runs.
///
/// Ctrl-C, a polite kill and a closed terminal all ask for the same: stop, and keep the state.
enum SignalWatch {
  /// Listens until the process ends. Returns once signals no longer end the process.
  static func start(_ controller: InterruptController) async {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    Task {
      for await _ in signals { controller.request() }
    }
  }
}
