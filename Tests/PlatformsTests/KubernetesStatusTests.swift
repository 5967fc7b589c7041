import StackModel
import Synchronization
import Testing

@testable import Platforms

/// A cluster that holds what it is given and remembers what it was asked.
final class HeldCluster: KubernetesAPI {
  private let documents: [String: JSONValue]
  private let failures: [String: PlatformFailure]
  private let log = Mutex<[String]>([])

  init(_ documents: [String: JSONValue], failures: [String: PlatformFailure] = [:]) {
    self.documents = documents
    self.failures = failures
  }

  var asked: [String] { log.withLock { $0.sorted() } }

  func get(_ path: String) async throws(PlatformFailure) -> JSONValue {
    log.withLock { $0.append(path) }
    if let failure = failures[path] { throw failure }
    guard let found = documents[path] else { throw PlatformFailure(.absent, "\(path) not found") }
    return found
  }
}

@Suite struct KubernetesStatusTests {
  private static let service = KubernetesService(
    namespace: "shop",
    deployment: "web",
    selector: [.init(key: "stackjob.dev/service", value: "web")],
    autoscaler: "web",
    service: "web",
    ingresses: ["web"],
    routes: ["web-route"]
  )
  private static let now = Timestamp(milliseconds: 1000)
  private static let deploymentPath = "/apis/apps/v1/namespaces/shop/deployments/web"
  private static let autoscalerPath = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
  private static let selector = "labelSelector=stackjob.dev%2Fservice%3Dweb"

  private static func deployment(ready: Int) -> JSONValue {
    [
      "metadata": ["name": "web", "generation": 1],
      "spec": ["replicas": 2],
      "status": [
        "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": .int(ready),
        "readyReplicas": .int(ready),
      ],
    ]
  }

  private static let ways: [String: JSONValue] = [
    autoscalerPath: [
      "spec": [
        "minReplicas": 2, "maxReplicas": 6,
        "metrics": [
          [
            "type": "Resource",
            "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 70]],
          ],
          [
            "type": "Pods",
            "pods": ["metric": ["name": "queue"], "target": ["type": "AverageValue", "averageValue": "30"]],
          ],
        ],
      ],
      "status": [
        "currentReplicas": 2, "desiredReplicas": 3,
        "currentMetrics": [
          ["type": "Resource", "resource": ["name": "cpu", "current": ["averageUtilization": 84]]]
        ],
        "conditions": [
          ["type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"],
          [
            "type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric",
            "message": "no metrics",
          ],
        ],
      ],
    ],
    "/api/v1/namespaces/shop/services/web": [
      "metadata": ["name": "web", "namespace": "shop"],
      "spec": ["type": "LoadBalancer", "ports": [["port": 80]]],
      "status": ["loadBalancer": ["ingress": [["hostname": "lb.example.com"]]]],
    ],
    "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web": [
      "spec": [
        "rules": [["host": "a.example.com"], ["host": "b.example.com"]],
        "tls": [["hosts": ["a.example.com"]]],
      ]
    ],
    "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/web-route": [
      "spec": ["hostnames": ["c.example.com"]],
      "status": [
        "parents": [
          [
            "conditions": [
              ["type": "Accepted", "status": "False", "reason": "NotAllowedByListeners", "message": "no"],
              ["type": "ResolvedRefs", "status": "True", "reason": "ResolvedRefs"],
            ]
          ]
        ]
      ],
    ],
  ]

  @Test func `a healthy service costs one question for each object`() async throws {
    let cluster = HeldCluster(Self.ways.merging([Self.deploymentPath: Self.deployment(ready: 2)]) { $1 })
    let status = try await KubernetesStatus(Self.service, api: cluster).fetch(at: Self.now)
    #expect(status.health == .healthy)
    #expect(status.subject == "deployment shop/web")
    #expect(status.fetchedAt == Self.now)
    #expect(status.notes == [])
    #expect(cluster.asked.count == 5)
    #expect(
      status.autoscaling
        == ServiceStatus.Autoscaling(
          minimum: 2,
          maximum: 6,
          current: 2,
          desired: 3,
          targets: [
            .init(name: "cpu", current: "84%", target: "70%"),
            .init(name: "queue", current: nil, target: "30"),
          ],
          conditions: ["FailedGetResourceMetric: no metrics"]
        )
    )
    #expect(
      status.endpoints == [
        .init(kind: "service", address: "web.shop.svc.cluster.local:80"),
        .init(kind: "load balancer", address: "lb.example.com:80"),
        .init(
          kind: "ingress",
          address: "https://a.example.com/",
          details: ["the ingress has no address yet"]
        ),
        .init(kind: "ingress", address: "http://b.example.com/", details: ["the ingress has no address yet"]),
        .init(kind: "route", address: "c.example.com", details: ["NotAllowedByListeners: no"]),
      ]
    )
  }

  @Test func `what is wrong with pods is asked only where something is wrong`() async throws {
    let path = "/api/v1/namespaces/shop/pods?\(Self.selector)"
    let pod = PodProblemsTests.pod("web-1", containers: [PodProblemsTests.crashing(restarts: 2)])
    let documents: [String: JSONValue] = [
      Self.deploymentPath: Self.deployment(ready: 1), path: ["items": [pod]],
      "/apis/apps/v1/namespaces/shop/replicasets?\(Self.selector)": ["items": []],
      "/api/v1/namespaces/shop/events?fieldSelector=type%3DWarning": ["items": []],
    ]
    let status = try await KubernetesStatus(
      Self.service,
      api: HeldCluster(documents.merging(Self.ways) { $1 })
    )
    .fetch(at: Self.now)
    #expect(status.health == .progressing)
    #expect(status.problems.map(\.subject) == ["pod web-1"])
    #expect(status.notes == [])
  }

  @Test func `a right that is missing is noted and spoils nothing else`() async throws {
    let cluster = HeldCluster(
      Self.ways.merging([Self.deploymentPath: Self.deployment(ready: 2)]) { $1 },
      failures: [Self.autoscalerPath: PlatformFailure(.forbidden, "may not get autoscalers")]
    )
    let status = try await KubernetesStatus(Self.service, api: cluster).fetch(at: Self.now)
    #expect(status.notes == ["may not get autoscalers"])
    #expect(status.autoscaling == nil)
    #expect(status.endpoints.count == 5)
  }

  @Test func `a Deployment that is not there is said to be not there`() async throws {
    let failure = await #expect(throws: PlatformFailure.self) {
      try await KubernetesStatus(Self.service, api: HeldCluster([:])).fetch(at: Self.now)
    }
    #expect(failure?.kind == .absent)
    #expect(failure?.message == "there is no Deployment web in the namespace shop")
    #expect(failure?.diagnostic.code == "status.absent")
  }

  @Test func `the names come from the normal form`() throws {
    let values: JSONValue = [
      "namespace": ["name": "shop"], "selector": ["app": "web", "tier": "front"],
      "deployment": ["name": "web"], "autoscaling": nil, "service": ["name": "web-svc"],
      "ingresses": ["external": ["name": "web-in"]], "routes": [:],
    ]
    let service = try #require(KubernetesService(normalForm: values))
    #expect(
      service
        == KubernetesService(
          namespace: "shop",
          deployment: "web",
          selector: [.init(key: "app", value: "web"), .init(key: "tier", value: "front")],
          service: "web-svc",
          ingresses: ["web-in"]
        )
    )
    #expect(KubernetesService(normalForm: .null) == nil)
  }
}
