import StackModel
import Testing

@testable import Presentation

@Suite struct StatusTextTests {
  static let status = ServiceStatus(
    subject: "deployment shop/web",
    rollout: .init(
      state: .inProgress,
      updated: 3,
      desired: 4,
      revision: "12",
      reason: "1 of 3 updated are available"
    ),
    replicas: .init(desired: 4, running: 5, ready: 3),
    problems: [
      .init(
        subject: "pod web-1",
        alike: 2,
        reasons: ["container app: CrashLoopBackOff, exit code 137 (OOMKilled), 4 restarts"],
        events: [.init(reason: "BackOff", message: "Back-off\u{1B}[31m restarting", count: 12)]
      )
    ],
    autoscaling: .init(
      minimum: 2,
      maximum: 6,
      current: 4,
      desired: 5,
      targets: [
        .init(name: "cpu", current: "84%", target: "70%"), .init(name: "queue", current: nil, target: "30"),
      ],
      conditions: ["TooManyReplicas: more than the maximum"]
    ),
    endpoints: [
      .init(kind: "service", address: "web.shop.svc.cluster.local:80"),
      .init(
        kind: "load balancer",
        address: "https://web.example.com/",
        details: ["lb-1.example.com"],
        healthyTargets: 3,
        unhealthyTargets: 1
      ),
    ],
    notes: ["may not list events"],
    fetchedAt: Timestamp(milliseconds: 1_767_259_800_000)
  )

  @Test func `all that is known is laid out, with nothing harmful in it`() {
    let lines = StatusText.lines(
      Self.status,
      of: "shop/prod/MicroserviceKubernetes/web",
      style: .plain,
      width: 100
    )
    #expect(
      lines.joined(separator: "\n") == """
        shop/prod/MicroserviceKubernetes/web  … progressing
          service      deployment shop/web
          roll-out     in progress: 3 of 4 updated, revision 12
                       1 of 3 updated are available
          replicas     4 wanted, 5 running, 3 ready
          autoscaling  2 to 6, now 4, wants 5
                       cpu: 84% of 70%
                       queue: target 30
                       TooManyReplicas: more than the maximum
          endpoints    service web.shop.svc.cluster.local:80
                       load balancer https://web.example.com/  (targets: 3 healthy, 1 unhealthy)
                         lb-1.example.com

          pod web-1 and 2 more like it
            container app: CrashLoopBackOff, exit code 137 (OOMKilled), 4 restarts
            Warning BackOff (12 times): Back-off\\u001b[31m restarting

          not found out: may not list events
        """
    )
  }

  @Test func `colour changes nothing but the colour`() {
    func text(_ style: Style) -> String {
      StatusText.lines(Self.status, of: "s", style: style, width: 100).joined(separator: "\n")
    }
    let colored = text(Style(hasColor: true))
    #expect(colored != text(.plain))
    #expect(colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == text(.plain))
  }

  @Test func `a log gets a line for what changed, and each trouble once`() {
    #expect(
      StatusChange.line(from: nil, to: Self.status)
        == "09:30:00Z  progressing  in progress: 3 of 4 updated  revision 12  4 wanted, 5 running, 3 ready"
        + "  pod web-1: container app: CrashLoopBackOff, exit code 137 (OOMKilled), 4 restarts"
    )
    var later = Self.status
    later.fetchedAt = Timestamp(milliseconds: 1_767_259_802_000)
    #expect(StatusChange.line(from: Self.status, to: later) == nil)
    #expect(!StatusChange.isNew(later, since: Self.status))
    later.rollout.updated = 4
    #expect(
      StatusChange.line(from: Self.status, to: later)
        == "09:30:02Z  progressing  in progress: 4 of 4 updated  revision 12  4 wanted, 5 running, 3 ready"
    )
    #expect(StatusChange.isNew(later, since: Self.status))
    var troubled = Self.status
    troubled.problems.append(.init(subject: "pod web-9", reasons: ["Evicted"]))
    #expect(
      StatusChange.line(from: Self.status, to: troubled)?.hasSuffix("ready  pod web-9: Evicted") == true
    )
  }

  @Test func `a window that is too small shows the top, and the whole is left at the end`() {
    var screen = StatusScreen(terminal: Terminal(isTerminal: true, isLive: true, width: 100, height: 6))
    let frame = screen.draw(Self.status, of: "s", note: "Ctrl-C ends")
    #expect(frame.split(separator: "\n").count == 5)
    #expect(frame.contains("Ctrl-C ends"))
    let end = screen.finish()
    #expect(end.contains("not found out"))
    #expect(end.contains("\u{1B}[?25h"))
  }
}
