/// Decides what a request to stop means, from how many there were and when.
///
/// The first asks the engine to stop, once. The second only says what force would lose. The third
/// forces it, if it follows the second within five seconds; a later one counts as a second again.
package struct Interrupter: Sendable {
  package enum Action: Sendable, Equatable {
    /// Ask the engine to stop.
    case stop
    /// Say what a forced stop would lose; send nothing.
    case warn
    /// Kill the engine.
    case force
  }

  /// How soon after the warning a further request forces.
  package static let forceWindow: Double = 5

  private var isStopping = false
  private var warnedAt: Double?

  package init() {}

  /// A request that no person repeats on purpose: SIGTERM from a service manager, SIGHUP from a closed
  /// terminal. Several come in a row, and must not add up to a forced stop.
  ///
  /// - Returns: nil when the engine was asked before.
  package mutating func politeRequest() -> Action? {
    guard !isStopping else { return nil }
    isStopping = true
    return .stop
  }

  /// - Parameter now: seconds on a clock that only goes forward.
  package mutating func request(at now: Double) -> Action {
    guard isStopping else {
      isStopping = true
      return .stop
    }
    if let warnedAt, now - warnedAt <= Self.forceWindow { return .force }
    warnedAt = now
    return .warn
  }
}
