import StackModel
import Testing

@testable import Platforms

@Suite struct PodProblemsTests {
  static func pod(
    _ name: String,
    phase: String = "Running",
    ready: Bool = false,
    containers: [JSONValue] = [],
    initContainers: [JSONValue] = [],
    more: JSONObject = [:]
  ) -> JSONValue {
    var status: JSONObject = [
      "phase": .string(phase), "conditions": [["type": "Ready", "status": ready ? "True" : "False"]],
      "containerStatuses": .array(containers), "initContainerStatuses": .array(initContainers),
    ]
    for (key, value) in more { status[key] = value }
    return [
      "metadata": ["name": .string(name), "uid": .string("uid-\(name)")], "status": .object(status),
    ]
  }

  static func event(
    _ reason: String,
    _ message: String,
    of pod: String,
    at time: String = "2026-01-01T00:00:00Z"
  )
    -> JSONValue
  {
    [
      "type": "Warning", "reason": .string(reason), "message": .string(message), "count": 3,
      "lastTimestamp": .string(time),
      "involvedObject": ["kind": "Pod", "name": .string(pod), "uid": .string("uid-\(pod)")],
    ]
  }

  static func crashing(restarts: Int) -> JSONValue {
    [
      "name": "app", "ready": false, "restartCount": .int(restarts),
      "state": ["waiting": ["reason": "CrashLoopBackOff", "message": "back-off 40s restarting pod web-1"]],
      "lastState": ["terminated": ["exitCode": 137, "reason": "OOMKilled"]],
    ]
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var pod: JSONValue
    var reasons: [String]
  }

  static let cases = [
    Case(
      testDescription: "a crash with its cause and its count",
      pod: pod("p", containers: [crashing(restarts: 4)]),
      reasons: ["container app: CrashLoopBackOff, exit code 137 (OOMKilled), 4 restarts"]
    ),
    Case(
      testDescription: "an image that cannot be had, in the registry's words",
      pod: pod(
        "p",
        phase: "Pending",
        containers: [
          [
            "name": "app", "ready": false, "restartCount": 0,
            "state": ["waiting": ["reason": "ErrImagePull", "message": "manifest unknown"]],
          ]
        ]
      ),
      reasons: ["container app: ErrImagePull: manifest unknown"]
    ),
    Case(
      testDescription: "no node has room",
      pod: pod(
        "p",
        phase: "Pending",
        more: [
          "conditions": [
            [
              "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
              "message": "0/3 nodes are available",
            ]
          ]
        ]
      ),
      reasons: ["not scheduled: Unschedulable: 0/3 nodes are available"]
    ),
    Case(
      testDescription: "an init container that fails",
      pod: pod(
        "p",
        phase: "Pending",
        initContainers: [
          [
            "name": "migrate", "ready": false, "restartCount": 1,
            "state": ["terminated": ["exitCode": 2, "reason": "Error", "message": "no database"]],
          ]
        ]
      ),
      reasons: ["init container migrate: exit code 2: no database, 1 restart"]
    ),
    Case(
      testDescription: "a probe that fails",
      pod: pod(
        "p",
        containers: [["name": "app", "ready": false, "restartCount": 0, "state": ["running": [:]]]]
      ),
      reasons: ["container app: running, not ready"]
    ),
    Case(
      testDescription: "an eviction",
      pod: pod("p", phase: "Failed", more: ["reason": "Evicted", "message": "low on memory"]),
      reasons: ["Evicted: low on memory"]
    ),
    Case(
      testDescription: "a container that is being made tells nothing",
      pod: pod(
        "p",
        phase: "Pending",
        containers: [["name": "app", "ready": false, "state": ["waiting": ["reason": "ContainerCreating"]]]]
      ),
      reasons: []
    ),
    Case(testDescription: "a ready pod is well", pod: pod("p", ready: true), reasons: []),
    Case(
      testDescription: "an init container that is done is well",
      pod: pod(
        "p",
        initContainers: [
          ["name": "init", "ready": true, "state": ["terminated": ["exitCode": 0, "reason": "Completed"]]]
        ]
      ),
      reasons: []
    ),
  ]

  @Test(arguments: cases) func `what ails a pod is told`(one: Case) {
    #expect(PodProblems.of(pods: [one.pod], events: []).flatMap(\.reasons) == one.reasons)
  }

  @Test func `a pod on its way out is not told of`() {
    var pod = Self.pod("p", containers: [Self.crashing(restarts: 1)]).object ?? [:]
    pod["metadata"] = ["name": "p", "deletionTimestamp": "2026-01-01T00:00:00Z"]
    #expect(PodProblems.of(pods: [.object(pod)], events: []).isEmpty)
  }

  @Test func `pods that fail alike are told once`() throws {
    let pods = (1...7).map { Self.pod("web-\($0)", containers: [Self.crashing(restarts: $0)]) }
    let problems = PodProblems.of(pods: pods, events: [])
    let only = try #require(problems.first)
    #expect(problems.count == 1)
    #expect(only.subject == "pod web-1")
    #expect(only.alike == 6)
  }

  @Test func `at most five ways to fail are told`() {
    let pods = (1...8).map { number in
      Self.pod(
        "web-\(number)",
        containers: [
          ["name": .string("c\(number)"), "ready": false, "state": ["waiting": ["reason": "ErrImagePull"]]]
        ]
      )
    }
    #expect(PodProblems.of(pods: pods, events: []).count == 5)
  }

  @Test func `a pod has its own newest events, and not those of an earlier pod of its name`() throws {
    var earlier = Self.event("Old", "of another", of: "web-1", at: "2026-01-09T00:00:00Z").object ?? [:]
    earlier["involvedObject"] = ["kind": "Pod", "name": "web-1", "uid": "gone"]
    let events =
      [.object(earlier), Self.event("Other", "x", of: "web-2")]
      + (1...5).map { Self.event("E\($0)", "m", of: "web-1", at: "2026-01-0\($0)T00:00:00Z") }
    let problem = try #require(
      PodProblems.of(pods: [Self.pod("web-1", containers: [Self.crashing(restarts: 1)])], events: events)
        .first
    )
    #expect(problem.events.map(\.reason) == ["E5", "E4", "E3"])
    #expect(problem.events.first?.line == "Warning E5 (3 times): m")
  }

  @Test func `a pod of which only events tell is told by them`() {
    let problems = PodProblems.of(
      pods: [Self.pod("web-1", phase: "Pending")],
      events: [Self.event("FailedMount", "secret \"x\" not found", of: "web-1")]
    )
    #expect(problems.first?.reasons == ["not ready: FailedMount"])
    #expect(problems.first?.events.map(\.message) == ["secret \"x\" not found"])
  }

  @Test func `where there are no pods, what should make them says why`() {
    let sets: [JSONValue] = [
      ["metadata": ["name": "web-new"], "spec": ["replicas": 2]],
      ["metadata": ["name": "web-old"], "spec": ["replicas": 0]],
    ]
    let events = ["web-new", "web-old"].map { name -> JSONValue in
      [
        "reason": "FailedCreate", "message": "exceeded quota",
        "involvedObject": ["kind": "ReplicaSet", "name": .string(name)],
      ]
    }
    let problems = WorkloadProblems.problems(deployment: nil, pods: [], sets: sets, events: events)
    #expect(problems.map(\.subject) == ["ReplicaSet web-new"])
    #expect(problems.map(\.reasons) == [["FailedCreate: exceeded quota"]])
  }
}
