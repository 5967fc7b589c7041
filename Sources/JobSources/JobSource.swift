package import LocalFiles
package import StackModel

/// Where a worker's jobs come from: a queue folder, or an HTTP endpoint.
///
/// A claim carries a fencing token. Whatever is reported with an older token than the newest claim's is
/// refused, so that a worker that was thought dead cannot overwrite its successor's report.
package protocol JobSource: Sendable {
  /// A job that may run now, if there is one.
  ///
  /// - Parameter fits: whether there is room for a job of that stack. When there is none for the next in turn, nothing is
  ///   claimed: smaller ones that overtook it could keep it waiting for ever.
  func claim(_ fits: (_ stack: String?) -> Bool) throws(FileError) -> Claim?
  /// A job whose worker is gone, if there is one: whatever became of it, it is ours now.
  func adopt() throws(FileError) -> Claim?
  /// Keeps the claim.
  func renew(_ claim: Claim) throws(FileError) -> LeaseAnswer
  /// Reports how an attempt ended.
  ///
  /// - Returns: false when the claim was another's by then; nothing was changed.
  func settle(_ claim: Claim, _ settlement: Settlement) throws(FileError) -> Bool
  /// How many jobs wait to be claimed, and for how many seconds the oldest of them has.
  func waiting() throws(FileError) -> (count: Int, oldest: Double)
  /// Nothing more will be claimed: what was, and has not been handed out, is given back in the background.
  func drain()
  /// Whether nothing waits to be claimed, now or once a running job ends.
  func isDrained() throws(FileError) -> Bool
  /// Whether all that was settled has arrived where it belongs.
  var isDelivered: Bool { get }
}

/// The right to run one attempt of a job.
package struct Claim: Sendable {
  package var job: QueuedJob
  /// Counts up with each claim of the job, by whomever.
  package var token: Int
  /// The job's folder on this machine.
  package var folder: String
  /// True when another worker had begun it.
  package var isAdopted: Bool
}

package enum LeaseAnswer: Sendable, Equatable {
  case kept
  /// Stop it; who asked for that.
  case cancel(by: String)
  /// Another worker has it now.
  case lost
}

/// What becomes of a job after an attempt.
package enum Settlement: Sendable {
  case completed(QueuedJob.Result, exitCode: Int?, reason: String?, diagnostics: [JSONValue])
  /// A plan waits for somebody's decision.
  ///
  /// - Parameter reason: why one is asked for that the job did not ask for: an earlier attempt was interrupted.
  case awaitingApproval(digest: String, reason: String? = nil)
  /// Once more: nothing had been changed.
  case retry(reason: String)
  /// Once more after a pause, as often as it takes: somebody else works on the stack, and nothing had been changed.
  case wait(reason: String)
  /// A change was cut short: refresh, and preview what is left.
  case inspect(reason: String)
}
