import StackModel

/// Lines as Pulumi writes them for a service on Kubernetes: the same kinds of events in the same numbers, and as long.
///
/// Of 1,163 lines that real runs wrote, more than half were diagnostics of 200 bytes, and one in three was a step with
/// inputs and outputs of a resource, two to three thousand bytes each and up to 13,000.
enum EventLines {
  /// A thousand lines, each another.
  static let mixed: [String] = (0..<100).flatMap { round in
    steps(round) + diagnostics(round) + [around(round)]
  }

  /// Only the long ones.
  static let long: [String] = (0..<100).flatMap { steps($0) }

  private static func line(_ sequence: Int, _ name: String, _ event: JSONValue) -> String {
    let members: [(String, JSONValue)] = [
      ("sequence", .int(sequence)), ("timestamp", 1_772_357_400), (name, event),
    ]
    return JSONValue.object(JSONObject(members)).text()
  }

  private static func diagnostics(_ round: Int) -> [String] {
    let debug: JSONValue = [
      "prefix": "debug: ", "message": .string("Registering resource [deployment-\(round)]\n"),
      "color": "never",
      "severity": "debug",
    ]
    let progress: JSONValue = [
      "urn": .string(urn(round)), "prefix": "", "color": "never", "severity": "info", "ephemeral": true,
      "message": "[1/2] Waiting for app ReplicaSet to be available (0/2 Pods available)",
    ]
    let problem: JSONValue = [
      "urn": .string(urn(round)), "prefix": "error: ", "color": "never", "severity": "error", "streamID": 3,
      "message": .string(
        String(repeating: "2 errors occurred:\n\t* resource is not ready: \"x\"\n", count: 8)
      ),
    ]
    return [debug, debug, debug, progress, progress, problem].enumerated().map { index, event in
      line(round * 10 + index, "diagnosticEvent", event)
    }
  }

  private static func around(_ round: Int) -> String {
    switch round % 4 {
    case 0:
      line(round, "preludeEvent", ["config": ["shop:kubeconfig": "[secret]", "shop:password": "[secret]"]])
    case 1: line(round, "stdoutEvent", ["message": "^C received; cancelling.\n", "color": "never"])
    case 2:
      line(
        round,
        "summaryEvent",
        [
          "maybeCorrupt": false, "durationSeconds": 11, "resourceChanges": ["create": 9, "same": 1],
          "PolicyPacks": [:], "isPreview": false, "result": "succeeded",
        ]
      )
    default: line(round, "cancelEvent", [:])
    }
  }

  private static func steps(_ round: Int) -> [String] {
    let small: JSONValue = [
      "op": "create", "urn": .string(urn(round)), "type": "kubernetes:core/v1:Namespace",
    ]
    var planned = JSONObject(step(round, environment: round % 20, isMade: false).object?.members ?? [])
    planned["planning"] = true
    return [
      line(round * 10 + 6, "resourcePreEvent", ["metadata": small]),
      line(round * 10 + 7, "resourcePreEvent", .object(planned)),
      line(round * 10 + 8, "resOutputsEvent", step(round, environment: round % 40, isMade: true)),
    ]
  }

  private static func urn(_ round: Int) -> String {
    "urn:pulumi:app-prod::stackjob-MicroserviceKubernetes::kubernetes:apps/v1:Deployment::deployment-\(round)"
  }

  /// - Parameter environment: how many variables the container has; they make a line as long as it is.
  private static func step(_ round: Int, environment: Int, isMade: Bool) -> JSONValue {
    let variables = (0..<environment).map { number -> JSONValue in
      [
        "name": .string("SETTING_\(number)"),
        "value": .string("https://service-\(number).example.com/\"a\"/\(round)"),
      ]
    }
    let container: JSONValue = [
      "image": "registry.example.com/shop/web:1.4.2", "name": "app", "env": .array(variables),
      "resources": [
        "limits": ["cpu": "1000m", "memory": "1Gi"], "requests": ["cpu": "50m", "memory": "100Mi"],
      ],
      "ports": [["containerPort": 8080, "name": "http", "protocol": "TCP"]],
    ]
    let inputs: JSONValue = [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "name": "shop", "namespace": "shop-prod",
        "labels": ["app.kubernetes.io/name": "shop", "stackjob.dev/service": "shop"],
        "annotations": ["pulumi.com/patchForce": "true"],
      ],
      "spec": [
        "replicas": 2, "minReadySeconds": 0, "selector": ["matchLabels": ["stackjob.dev/service": "shop"]],
        "template": [
          "metadata": ["labels": ["stackjob.dev/service": "shop"]], "spec": ["containers": [container]],
        ],
      ],
    ]
    let state: JSONValue = [
      "type": "kubernetes:apps/v1:Deployment", "urn": .string(urn(round)), "custom": true,
      "id": .string(isMade ? "shop-prod/shop" : ""),
      "parent": "urn:pulumi:app-prod::shop::pulumi:pulumi:Stack::shop",
      "inputs": inputs, "outputs": isMade ? inputs : [:],
      "provider": "urn:pulumi:app-prod::shop::pulumi:providers::k8s",
    ]
    return [
      "metadata": [
        "op": "create", "urn": .string(urn(round)), "type": "kubernetes:apps/v1:Deployment", "old": nil,
        "new": state,
        "detailedDiff": nil, "logical": true,
        "provider": "urn:pulumi:app-prod::shop::pulumi:providers:kubernetes::k8s",
      ]
    ]
  }
}
