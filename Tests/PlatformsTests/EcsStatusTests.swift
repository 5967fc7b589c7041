import StackModel
import Synchronization
import Testing

@testable import Platforms

/// An account that answers what it is given.
final class HeldAccount: AWSAPI {
  private let replies: [String: Result<JSONValue, PlatformFailure>]
  private let documents: [String: String]
  private let log = Mutex<[String]>([])

  init(_ replies: [String: Result<JSONValue, PlatformFailure>], documents: [String: String] = [:]) {
    self.replies = replies
    self.documents = documents
  }

  var asked: [String] { log.withLock { $0 } }

  func json(_ service: AWSService, _ action: String, _ body: JSONValue) async throws(PlatformFailure)
    -> JSONValue
  {
    log.withLock { $0.append(action) }
    guard let reply = replies[action] else { throw PlatformFailure(.refused, "\(action) is not held") }
    return try reply.get()
  }

  func loadBalancing(_ action: String, _ parameters: [(String, String)]) async throws(PlatformFailure)
    -> AWSDocument
  {
    log.withLock { $0.append(action) }
    guard let text = documents[action], let root = XMLElement(parsing: Array(text.utf8)) else {
      throw PlatformFailure(.forbidden, "may not \(action)")
    }
    return AWSDocument(root: root)
  }
}

@Suite struct EcsStatusTests {
  private static let address = EcsServiceAddress(
    region: "eu-central-1",
    cluster: "arn:aws:ecs:eu-central-1:1:cluster/main",
    clusterName: "main",
    name: "web",
    isAutoscaled: true,
    url: .init(prefix: "https://", host: "web.example.com", suffix: "/shop/"),
    discoveryName: nil
  )
  private static let now = Timestamp(milliseconds: 1000)

  private static func deployment(
    _ status: String,
    _ state: String,
    running: Int,
    more: JSONObject = [:]
  ) -> JSONValue {
    var deployment: JSONObject = [
      "id": .string("ecs-svc/\(status)"), "status": .string(status), "rolloutState": .string(state),
      "desiredCount": 2, "runningCount": .int(running), "createdAt": .number("1767225600.5"),
      "taskDefinition": "arn:aws:ecs:eu-central-1:1:task-definition/web-prod:7",
    ]
    for (key, value) in more { deployment[key] = value }
    return .object(deployment)
  }

  private static func service(_ deployments: [JSONValue], running: Int = 2, events: [JSONValue] = [])
    -> JSONValue
  {
    [
      "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "runningCount": .int(running),
      "deployments": .array(deployments), "events": .array(events),
      "loadBalancers": [["targetGroupArn": "arn:tg"]],
    ]
  }

  private static func health(_ states: [String]) -> String {
    let members = states.map {
      """
      <member><TargetHealth><State>\($0)</State><Reason>Target.Timeout</Reason><Description>Request timed out</Description>
      </TargetHealth></member>
      """
    }.joined()
    return """
      <R><DescribeTargetHealthResult><TargetHealthDescriptions>\(members)</TargetHealthDescriptions>
      </DescribeTargetHealthResult></R>
      """
  }

  private static let arn = "arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/web/0"
  private static func documents(_ states: [String]) -> [String: String] {
    [
      "DescribeTargetHealth": health(states),
      "DescribeTargetGroups": """
      <R><DescribeTargetGroupsResult><TargetGroups><member><LoadBalancerArns><member>\(arn)</member></LoadBalancerArns>
      </member></TargetGroups></DescribeTargetGroupsResult></R>
      """,
      "DescribeLoadBalancers": """
      <R><DescribeLoadBalancersResult><LoadBalancers><member><LoadBalancerArn>\(arn)</LoadBalancerArn>
      <DNSName>web-1.elb.amazonaws.com</DNSName></member></LoadBalancers></DescribeLoadBalancersResult></R>
      """,
    ]
  }

  private static let scaling: [String: Result<JSONValue, PlatformFailure>] = [
    "DescribeScalableTargets": .success([
      "ScalableTargets": [
        ["MinCapacity": 2, "MaxCapacity": 6, "SuspendedState": ["DynamicScalingInSuspended": true]]
      ]
    ]),
    "DescribeScalingPolicies": .success([
      "ScalingPolicies": [
        [
          "PolicyName": "web-cpu",
          "TargetTrackingScalingPolicyConfiguration": [
            "TargetValue": .number("60.0"),
            "PredefinedMetricSpecification": ["PredefinedMetricType": "ECSServiceAverageCPUUtilization"],
          ],
        ]
      ]
    ]),
    "DescribeScalingActivities": .success([
      "ScalingActivities": [["StatusCode": "Failed", "StatusMessage": "Failed to set desired count"]]
    ]),
  ]

  private func status(
    _ service: JSONValue,
    states: [String] = ["healthy", "healthy"],
    more: [String: Result<JSONValue, PlatformFailure>] = [:]
  ) async throws -> (ServiceStatus, HeldAccount) {
    let replies = Self.scaling.merging(more) { $1 }
      .merging(["DescribeServices": .success(["services": [service]])]) { $1 }
    let account = HeldAccount(replies, documents: Self.documents(states))
    return (try await EcsStatus(Self.address, api: account).fetch(at: Self.now), account)
  }

  @Test func `a healthy service is told with all that is around it`() async throws {
    let (status, account) = try await status(
      Self.service([Self.deployment("PRIMARY", "COMPLETED", running: 2)])
    )
    #expect(status.health == .healthy)
    #expect(status.subject == "service main/web")
    #expect(status.rollout.revision == "web-prod:7")
    #expect(status.replicas == ServiceStatus.Replicas(desired: 2, running: 2, ready: 2))
    #expect(
      status.autoscaling
        == ServiceStatus.Autoscaling(
          minimum: 2,
          maximum: 6,
          current: 2,
          targets: [.init(name: "cpu", current: nil, target: "60%")],
          conditions: ["suspended: scaling in", "Failed to set desired count"]
        )
    )
    #expect(
      status.endpoints == [
        .init(
          kind: "load balancer",
          address: "https://web.example.com/shop/",
          details: ["web-1.elb.amazonaws.com"],
          healthyTargets: 2
        )
      ]
    )
    #expect(status.problems == [])
    #expect(!account.asked.contains("ListTasks"))
  }

  @Test func `a target that is not well makes a service degraded`() async throws {
    let service = Self.service([Self.deployment("PRIMARY", "COMPLETED", running: 2)])
    let (status, _) = try await status(
      service,
      states: ["healthy", "unhealthy"],
      more: ["ListTasks": .success(["taskArns": []])]
    )
    #expect(status.health == .degraded)
    #expect(status.endpoints.first?.unhealthyTargets == 1)
    #expect(status.endpoints.first?.details.last == "Target.Timeout: Request timed out")
  }

  struct Case: Sendable {
    var deployments: [JSONValue]
    var state: ServiceStatus.Rollout.State
    var reason: String?
    var events: [JSONValue] = []
  }

  @Test(arguments: [
    Case(deployments: [deployment("PRIMARY", "COMPLETED", running: 2)], state: .complete),
    Case(
      deployments: [
        deployment("PRIMARY", "IN_PROGRESS", running: 1, more: ["failedTasks": 3]),
        deployment("ACTIVE", "COMPLETED", running: 2),
      ],
      state: .inProgress,
      reason: "3 tasks failed"
    ),
    Case(
      deployments: [
        deployment("PRIMARY", "FAILED", running: 0, more: ["rolloutStateReason": "circuit breaker"])
      ],
      state: .failed,
      reason: "circuit breaker"
    ),
    Case(
      deployments: [
        deployment("PRIMARY", "IN_PROGRESS", running: 2),
        deployment("ACTIVE", "FAILED", running: 0, more: ["rolloutStateReason": "circuit breaker"]),
      ],
      state: .rolledBack,
      reason: "circuit breaker"
    ),
    Case(
      deployments: [
        deployment(
          "PRIMARY",
          "IN_PROGRESS",
          running: 2,
          more: ["rolloutStateReason": "circuit breaker: rolling back to deploymentId ecs-svc/1."]
        )
      ],
      state: .rolledBack,
      reason: "circuit breaker: rolling back to deploymentId ecs-svc/1."
    ),
    Case(
      deployments: [deployment("PRIMARY", "COMPLETED", running: 2)],
      state: .rolledBack,
      events: [["message": "(service web) rolling back to deployment ecs-svc/PRIMARY."]]
    ),
    Case(
      deployments: [deployment("PRIMARY", "COMPLETED", running: 2)],
      state: .complete,
      events: [["message": "(service web) rolling back to deployment ecs-svc/9."]]
    ),
  ])
  func `deployments tell the state of the roll-out`(one: Case) {
    let rollout = EcsRollout.rollout(Self.service(one.deployments, events: one.events))
    #expect(rollout.state == one.state)
    #expect(rollout.reason == one.reason)
  }

  @Test func `tasks that failed are told once for each reason, and what ECS noted since`() async throws {
    func task(_ id: Int, _ code: String, _ reason: String, exit: Int? = nil) -> JSONValue {
      var container: JSONObject = ["name": "web"]
      if let exit { container["exitCode"] = .int(exit) }
      return [
        "taskArn": .string("arn:aws:ecs:eu-central-1:1:task/main/t\(id)"), "stopCode": .string(code),
        "stoppedReason": .string(reason), "stoppedAt": .int(1_767_225_600 + id),
        "containers": [.object(container)],
      ]
    }
    let tasks: [JSONValue] = [
      task(1, "EssentialContainerExited", "Essential container in task exited", exit: 1),
      task(2, "EssentialContainerExited", "Essential container in task exited", exit: 1),
      task(3, "TaskFailedToStart", "CannotPullContainerError: not found"),
      task(4, "ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)"),
      task(5, "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)"),
      task(6, "UserInitiated", "Task stopped by user"),
    ]
    let events: [JSONValue] = [
      ["createdAt": 1767225601, "message": "(service web) was unable to place a task"],
      ["createdAt": 1767225601, "message": "(service web) has reached a steady state."],
      ["createdAt": 1767225500, "message": "earlier"],
    ]
    let service = Self.service(
      [Self.deployment("PRIMARY", "IN_PROGRESS", running: 0)],
      running: 0,
      events: events
    )
    let (status, _) = try await status(
      service,
      more: [
        "ListTasks": .success(["taskArns": ["arn"]]), "DescribeTasks": .success(["tasks": .array(tasks)]),
      ]
    )
    #expect(status.problems.map(\.subject) == ["task t5", "task t3", "task t2", "service web"])
    #expect(status.problems[2].alike == 1)
    #expect(
      status.problems[2].reasons == ["Essential container in task exited", "container web: exit code 1"]
    )
    #expect(status.problems[3].events.map(\.message) == ["(service web) was unable to place a task"])
    #expect(status.problems[3].events.first?.time == "2026-01-01T00:00:01.000Z")
  }

  @Test(arguments: [
    Result<JSONValue, PlatformFailure>.success(["services": [], "failures": [["reason": "MISSING"]]]),
    .success(["services": [["status": "INACTIVE"]]]),
    .failure(PlatformFailure(.absent, "ClusterNotFoundException")),
  ])
  func `a service that is not there is said to be not there`(reply: Result<JSONValue, PlatformFailure>) async
  {
    let failure = await #expect(throws: PlatformFailure.self) {
      try await EcsStatus(Self.address, api: HeldAccount(["DescribeServices": reply])).fetch(at: Self.now)
    }
    #expect(failure?.kind == .absent)
    #expect(failure?.message == "there is no ECS service web in the cluster main")
  }

  @Test func `rights that are missing are noted and spoil nothing else`() async throws {
    let service = Self.service([Self.deployment("PRIMARY", "COMPLETED", running: 2)])
    let account = HeldAccount(["DescribeServices": .success(["services": [service]])])
    let status = try await EcsStatus(Self.address, api: account).fetch(at: Self.now)
    #expect(status.health == .healthy)
    #expect(status.notes == ["DescribeScalableTargets is not held", "may not DescribeTargetHealth"])
  }

  @Test func `the names come from the normal form`() throws {
    let values: JSONValue = [
      "region": nil, "cluster": ["arn": nil, "name": "made"],
      "service": ["name": "web", "discovery_name": "web.shop"],
      "autoscaling": nil, "alb": ["url": ["host": nil, "prefix": "http://", "suffix": "/"]],
    ]
    let address = try #require(EcsServiceAddress(normalForm: values))
    #expect(
      address
        == EcsServiceAddress(
          region: nil,
          cluster: "made",
          clusterName: "made",
          name: "web",
          url: .init(prefix: "http://", host: nil, suffix: "/"),
          discoveryName: "web.shop"
        )
    )
  }
}
