import Synchronization

/// What a host did so far.
package struct HostStatistics: Sendable, Hashable {
  /// Connections of Terraform that made a call: instances of providers.
  package var sessions = 0
  /// Calls that were answered without the session's own process.
  package var answered = 0
  /// Calls that were passed through.
  package var forwarded = 0
  /// Of those, the ones that make a change in the world. While it is 0 the same command can be run
  /// again without us.
  package var changes = 0
  /// Bytes of messages that were passed through, both ways.
  package var forwardedBytes = 0
  /// Answers found in the cache folder or remembered from before.
  package var cacheHits = 0
  /// Answers that a provider had to be asked for.
  package var cacheMisses = 0
  /// Processes taken from the pool or started.
  package var providers = 0

  package init() {}
}

/// Something that a caller may want to tell or to act on.
package enum HostEvent: Sendable {
  case providerStarted(source: String, pid: Int)
  case providerEnded(source: String, pid: Int, end: ProcessEnd)
  /// It ended while Terraform still needed it, which sees what it sees of any plugin that crashes.
  ///
  /// - Parameter lastWords: the end of its standard error, with the trace of a panic. May hold secrets.
  case providerCrashed(source: String, pid: Int, end: ProcessEnd, lastWords: String)
  /// A call of Terraform failed for a reason of ours. See ``HostStatistics/changes``.
  case trouble(source: String, HostFailure)
}

/// Counts and tells.
final class HostRecorder: Sendable {
  private let report: @Sendable (HostEvent) -> Void
  private let counts = Mutex(HostStatistics())

  init(report: @escaping @Sendable (HostEvent) -> Void) { self.report = report }

  var statistics: HostStatistics { counts.withLock { $0 } }

  func count(_ change: (inout HostStatistics) -> Void) { counts.withLock { change(&$0) } }

  func forwarded(bytes: Int) { count { $0.forwardedBytes += bytes } }

  func tell(_ event: HostEvent) { report(event) }
}
