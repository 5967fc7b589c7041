import CurlHTTP
import LocalFiles
import StackModel
import Testing
import ToolProcess

/// A local AWS of one test's own: moto with a network, a cluster and a load balancer in it.
final class LocalAWS: Sendable {
  let endpoint: String
  /// The ids of what is in the account.
  let seed: JSONValue

  private init(ready: JSONValue) throws {
    endpoint = try #require(ready["endpoint"]?.string)
    seed = ready["seed"] ?? [:]
  }

  /// Starts the server, runs the test, ends the server.
  static func run(_ body: (LocalAWS) async throws -> Void) async throws {
    if let missing = Tools.missing {
      Issue.record("\(missing)")
      return
    }
    try await ScriptServer.run("moto-server", ["--seed"]) { ready in
      try await body(try LocalAWS(ready: ready))
    }
  }

  /// The environment by which the AWS provider finds this server and nothing else.
  var environment: [String: String] {
    [
      "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
      "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
      "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    ]
  }

  func id(_ name: String) throws -> String { try #require(seed[name]?.string, "no seed \(name)") }

  func subnets() throws -> [String] {
    try #require(seed["subnet_ids"]?.array).compactMap(\.string)
  }

  // MARK: Control

  /// Everything in the account that was not there at the start; empty after a destroy.
  func left() throws -> JSONValue { try control("GET", "left") }

  /// The calls of one action so far.
  func calls(_ action: String) throws -> Int {
    try control("GET", "calls?action=\(action)").array?.count ?? 0
  }

  /// The calls of one action, each with its time and status.
  func log(_ action: String) throws -> JSONValue { try control("GET", "calls?action=\(action)") }

  /// Makes a call fail or wait.
  func rule(_ rule: JSONValue) throws { _ = try control("POST", "rules", rule) }

  /// How ECS deployments go from now on.
  func rollout(_ rollout: JSONValue) throws { _ = try control("POST", "rollout", rollout) }

  private func control(_ method: String, _ route: String, _ body: JSONValue? = nil) throws -> JSONValue {
    let reply = try HTTPCall(
      url: "\(endpoint)/stackjob-test/\(route)",
      method: method,
      headers: ["Content-Type: application/json"],
      body: body?.text(),
      timeoutSeconds: 30
    ).perform()
    return try JSONValue(parsing: reply.body)
  }

  // MARK: The API, as anybody would call it

  /// A call of a service that speaks JSON, for example `("ecs", "AmazonEC2ContainerServiceV20141113.DescribeServices")`.
  func call(_ service: String, _ target: String, _ body: JSONValue) throws -> JSONValue {
    let reply = try HTTPCall(
      url: "\(endpoint)/",
      method: "POST",
      headers: ["Content-Type: application/x-amz-json-1.1", "X-Amz-Target: \(target)"],
      body: body.text(),
      signature: HTTPCall.AWSSignature(
        accessKeyID: "testing",
        secretAccessKey: Secret("testing"),
        sessionToken: nil,
        region: "us-east-1",
        service: service
      )
    ).perform()
    try #require(reply.status == 200, "\(target): \(String(decoding: reply.body, as: UTF8.self))")
    return reply.body.isEmpty ? .null : try JSONValue(parsing: reply.body)
  }

  func keepSecret(_ name: String, _ value: String) throws {
    _ = try call(
      "secretsmanager",
      "secretsmanager.CreateSecret",
      ["Name": .string(name), "SecretString": .string(value)]
    )
  }

  func keepParameter(_ name: String, _ value: String) throws {
    _ = try call(
      "ssm",
      "AmazonSSM.PutParameter",
      ["Name": .string(name), "Value": .string(value), "Type": "SecureString"]
    )
  }

  func makeBucket(_ name: String) throws {
    let reply = try s3("PUT", name)
    try #require(reply.status == 200)
  }

  /// The text of an object.
  func object(_ key: String, in bucket: String) throws -> String {
    let reply = try s3("GET", "\(bucket)/\(key)")
    try #require(reply.status == 200, "\(key) is not in \(bucket)")
    return String(decoding: reply.body, as: UTF8.self)
  }

  private func s3(_ method: String, _ path: String) throws -> HTTPCall.Reply {
    try HTTPCall(
      url: "\(endpoint)/\(path)",
      method: method,
      signature: HTTPCall.AWSSignature(
        accessKeyID: "testing",
        secretAccessKey: Secret("testing"),
        sessionToken: nil,
        region: "us-east-1",
        service: "s3"
      )
    ).perform()
  }

  func ecs(_ action: String, _ body: JSONValue) throws -> JSONValue {
    try call("ecs", "AmazonEC2ContainerServiceV20141113.\(action)", body)
  }

  /// The service as ECS describes it, or nil when there is none that is active.
  func service(_ name: String, cluster: String) throws -> JSONValue? {
    let found = try ecs("DescribeServices", ["cluster": .string(cluster), "services": [.string(name)]])
    return found["services"]?.array?.first { $0["status"] == "ACTIVE" }
  }
}
