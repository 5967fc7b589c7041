/// How far the newest change of a service has come on its platform.
package struct RolloutProgress: Sendable, Hashable {
  /// For example `deployment shop/web`.
  package var subject: String
  /// Replicas that are of the newest revision.
  package var updated: Int
  package var desired: Int
  /// Those that take requests; nil where the platform does not look.
  package var ready: Int?

  package init(subject: String, updated: Int, desired: Int, ready: Int?) {
    self.subject = subject
    self.updated = updated
    self.desired = desired
    self.ready = ready
  }
}
