import StackModel
import Testing

@testable import Platforms

@Suite struct DeploymentRolloutTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var deployment: JSONValue
    var state: ServiceStatus.Rollout.State
    var health: ServiceStatus.Health
    var reason: String?
  }

  /// Four are wanted, unless a case says so.
  private static func deployment(
    generation: Int = 2,
    spec: JSONObject = ["replicas": 4],
    status: JSONObject,
    conditions: [JSONValue] = []
  ) -> JSONValue {
    var status = status
    status["observedGeneration"] = status["observedGeneration"] ?? .int(generation)
    status["conditions"] = .array(conditions)
    return [
      "metadata": [
        "generation": .int(generation), "annotations": ["deployment.kubernetes.io/revision": "7"],
      ],
      "spec": .object(spec), "status": .object(status),
    ]
  }

  private static func condition(_ type: String, _ status: String, _ reason: String) -> JSONValue {
    ["type": .string(type), "status": .string(status), "reason": .string(reason), "message": "why"]
  }

  private static func counts(_ total: Int, _ updated: Int, _ available: Int) -> JSONObject {
    [
      "replicas": .int(total), "updatedReplicas": .int(updated), "readyReplicas": .int(available),
      "availableReplicas": .int(available),
    ]
  }

  private static let whole = condition("Progressing", "True", "NewReplicaSetAvailable")

  static let cases = [
    Case(
      testDescription: "all are new and ready",
      deployment: deployment(status: counts(4, 4, 4), conditions: [whole]),
      state: .complete,
      health: .healthy
    ),
    Case(
      testDescription: "the controller has not looked yet",
      deployment: deployment(generation: 3, status: ["observedGeneration": 2, "replicas": 4]),
      state: .inProgress,
      health: .progressing,
      reason: "the controller has not seen the change yet"
    ),
    Case(
      testDescription: "one is still to be made",
      deployment: deployment(status: counts(4, 3, 4)),
      state: .inProgress,
      health: .progressing
    ),
    Case(
      testDescription: "a quota forbids one",
      deployment: deployment(
        status: counts(3, 3, 3),
        conditions: [condition("ReplicaFailure", "True", "FailedCreate")]
      ),
      state: .inProgress,
      health: .progressing,
      reason: "why"
    ),
    Case(
      testDescription: "an old one is still there",
      deployment: deployment(status: counts(5, 4, 4)),
      state: .inProgress,
      health: .progressing,
      reason: "1 of an earlier revision still to go"
    ),
    Case(
      testDescription: "a new one is not ready",
      deployment: deployment(status: counts(4, 4, 3)),
      state: .inProgress,
      health: .progressing,
      reason: "3 of 4 updated are available"
    ),
    Case(
      testDescription: "one fell ill long after",
      deployment: deployment(status: counts(4, 4, 3), conditions: [whole]),
      state: .complete,
      health: .degraded
    ),
    Case(
      testDescription: "the deadline has passed",
      deployment: deployment(
        status: counts(5, 2, 3),
        conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded")]
      ),
      state: .failed,
      health: .failed,
      reason: "why"
    ),
    Case(
      testDescription: "somebody paused it",
      deployment: deployment(spec: ["replicas": 4, "paused": true], status: counts(5, 2, 4)),
      state: .paused,
      health: .progressing,
      reason: "the Deployment is paused"
    ),
    Case(
      testDescription: "none is wanted",
      deployment: deployment(spec: ["replicas": 0], status: [:], conditions: [whole]),
      state: .complete,
      health: .healthy
    ),
    Case(
      testDescription: "a Deployment that was just made has no status",
      deployment: ["metadata": ["generation": 1], "spec": ["replicas": 1]],
      state: .inProgress,
      health: .progressing,
      reason: "the controller has not seen the change yet"
    ),
  ]

  @Test(arguments: cases) func `a roll-out is read as kubectl reads it`(one: Case) {
    let rollout = DeploymentRollout.rollout(one.deployment)
    #expect(rollout.state == one.state)
    #expect(rollout.reason == one.reason)
    let status = ServiceStatus(
      subject: "",
      rollout: rollout,
      replicas: DeploymentRollout.replicas(one.deployment),
      fetchedAt: Timestamp(milliseconds: 0)
    )
    #expect(status.health == one.health)
  }

  @Test func `counts and revision are the Deployment's`() {
    let deployment = Self.deployment(status: Self.counts(5, 3, 2))
    let rollout = DeploymentRollout.rollout(deployment)
    #expect(rollout.updated == 3)
    #expect(rollout.desired == 4)
    #expect(rollout.revision == "7")
    #expect(
      DeploymentRollout.replicas(deployment) == ServiceStatus.Replicas(desired: 4, running: 5, ready: 2)
    )
  }
}
