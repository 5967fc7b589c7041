import Platforms
import StackModel
import Testing

@Suite struct RolloutDiagnosticsTests {
  private func status(
    _ state: ServiceStatus.Rollout.State,
    ready: Int,
    problems: [ServiceStatus.Problem] = []
  ) -> ServiceStatus {
    ServiceStatus(
      subject: "deployment shop/web",
      rollout: ServiceStatus.Rollout(
        state: state,
        updated: 2,
        desired: 2,
        reason: "ProgressDeadlineExceeded"
      ),
      replicas: ServiceStatus.Replicas(desired: 2, running: 2, ready: ready),
      problems: problems,
      fetchedAt: Timestamp(milliseconds: 0)
    )
  }

  @Test func `a service that runs is not talked about`() {
    #expect(RolloutDiagnostics.of(status(.complete, ready: 2)) == [])
  }

  @Test func `what is wrong with the pods comes first`() {
    let problem = ServiceStatus.Problem(
      subject: "pod web-1",
      alike: 1,
      reasons: ["container app: CrashLoopBackOff", "3 restarts"],
      events: [ServiceStatus.Event(reason: "BackOff", message: "Back-off restarting", count: 3)]
    )
    let found = RolloutDiagnostics.of(status(.failed, ready: 0, problems: [problem]))
    #expect(found.map(\.severity) == [.error])
    #expect(
      found.first?.summary
        == "pod web-1 (and 1 more like it): container app: CrashLoopBackOff; 3 restarts"
    )
    #expect(found.first?.detail.contains("Back-off restarting") == true)
  }

  @Test(
    arguments: [
      (.inProgress, .warning, "progressing"), (.failed, .error, "failed"), (.complete, .error, "degraded"),
    ] as [(ServiceStatus.Rollout.State, Diagnostic.Severity, String)]
  )
  func `without a pod to blame the counts are told`(
    state: ServiceStatus.Rollout.State,
    severity: Diagnostic.Severity,
    word: String
  ) {
    let found = RolloutDiagnostics.of(status(state, ready: 1))
    #expect(found.map(\.severity) == [severity])
    #expect(found.first?.summary == "deployment shop/web is \(word): ProgressDeadlineExceeded")
    #expect(found.first?.detail == "1 of 2 replicas are ready, 2 are of the newest revision.")
  }
}
