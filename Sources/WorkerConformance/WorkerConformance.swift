package import JobSources
import StackModel

/// Checks whether a worker keeps to `docs/protocol.md`, by playing a server.
///
/// Each scene is played with the same worker, which runs one job at a time. What is looked at is what comes over the
/// wire; how a worker runs its jobs is its own affair.
package struct WorkerConformance: Sendable {
  /// A worker that was started here.
  package struct Subject: Sendable {
    /// Starts it, if it does not run.
    var start: @Sendable () async throws -> Void
    /// How it ended; nil while it runs.
    var end: @Sendable () -> String?

    package init(start: @escaping @Sendable () async throws -> Void, end: @escaping @Sendable () -> String?) {
      self.start = start
      self.end = end
    }
  }

  private let server: ScriptedServer
  private let subject: Subject?
  private let patience: Double
  private let kit: Kit
  /// How long it is watched whether something comes that should not, in seconds.
  private static let quietSeconds = 0.5
  private static let drainedSeconds = 3.0

  /// - Parameters:
  ///   - subject: nil when somebody else starts the worker.
  ///   - template: given out in place of our own jobs, each with the operation and the flow of its scene.
  ///   - prefix: begins the ids of all jobs of this run.
  ///   - patience: seconds without anything to do with the scene, after which it is given up.
  package init(
    server: ScriptedServer,
    subject: Subject?,
    template: StackJob?,
    prefix: String,
    patience: Double
  ) {
    self.server = server
    self.subject = subject
    self.patience = patience
    kit = Kit(prefix: prefix, template: template)
  }

  /// In this order; the worker is gone after the last.
  private static let scenes: [Scene] = [
    .claiming, .idle, .paused, .denied, .unable, .tooMany, .refused, .lost, .putOff, .rewinds, .kept,
    .unreadable,
    .over, .cancelled, .approved, .drained,
  ]

  /// The names of all checks, by group.
  package static var checks: [(group: String, check: String)] {
    scenes.flatMap(\.checks).map { ($0.group, $0.name) }
  }

  /// Plays each scene that a chosen check needs.
  ///
  /// - Parameters:
  ///   - isChosen: gets a check's group and name.
  ///   - onFinding: called as each check ends.
  package func run(
    isChosen: (String, String) -> Bool,
    onFinding: (Conformance.Finding) -> Void
  ) async throws -> [Conformance.Finding] {
    var findings: [Conformance.Finding] = []
    for scene in Self.scenes {
      let checks = scene.checks.filter { isChosen($0.group, $0.name) }
      guard !checks.isEmpty else { continue }
      let begun = server.now
      let seen = try await play(scene)
      for (number, check) in checks.enumerated() {
        var verdict = Conformance.Verdict.kept
        do throws(Stop) { try check.judge(seen) } catch {
          switch error {
          case .broken(let reason): verdict = .broken(reason)
          case .skipped(let reason): verdict = .skipped(reason)
          }
        }
        let finding = Conformance.Finding(
          group: check.group,
          check: check.name,
          verdict: verdict,
          seconds: number == 0 ? server.now - begun : 0
        )
        onFinding(finding)
        findings.append(finding)
      }
    }
    return findings
  }

  private func play(_ scene: Scene) async throws -> Transcript {
    server.begin(scene.script(kit))
    try await subject?.start()
    let begun = server.now
    var over: Double?
    while true {
      server.tick()
      var seen = server.transcript
      seen.isWatched = subject != nil
      seen.end = subject?.end()
      let now = server.now
      if server.isPlayed, scene.isOver(seen) {
        over = over ?? now
        let quiet = scene.endsWorker && subject == nil ? Self.drainedSeconds : Self.quietSeconds
        let isWaited = !scene.endsWorker || subject == nil || seen.end != nil
        if isWaited, now - (over ?? now) > quiet { return seen }
      } else {
        over = nil
        if let end = seen.end {
          seen.cutShort = "the worker ended: \(end)"
          return seen
        }
      }
      if server.silence > patience {
        seen.cutShort = "nothing else came for \(Int(patience)) s"
        return seen
      }
      if now - begun > 5 * patience {
        seen.cutShort = "it was given up after \(Int(5 * patience)) s"
        return seen
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }
}
