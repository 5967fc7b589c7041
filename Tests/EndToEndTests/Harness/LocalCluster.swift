import CurlHTTP
import LocalFiles
import StackModel
import Testing
import ToolProcess

/// A Kubernetes API of one test's own, which serves what the test puts into it.
final class LocalCluster: Sendable {
  let endpoint: String
  let token: String
  let certificate: String
  /// Holds the certificate; gone after the test.
  private let folder: String

  private init(ready: JSONValue, folder: String) throws {
    endpoint = try #require(ready["endpoint"]?.string)
    token = try #require(ready["token"]?.string)
    certificate = try #require(ready["ca"]?.string)
    self.folder = folder
    try LocalFiles.makeFolder(folder)
    try LocalFiles.create("\(folder)/ca.pem", with: Array(certificate.utf8))
  }

  /// Starts the server, runs the test, ends the server.
  static func run(_ body: (LocalCluster) async throws -> Void) async throws {
    try await ScriptServer.run("kubernetes-server") { ready in
      let folder = "/tmp/stackjob-cluster-\(UInt64.random(in: 0 ... .max))"
      defer { try? LocalFiles.removeTree(folder) }
      try await body(try LocalCluster(ready: ready, folder: folder))
    }
  }

  /// The environment by which the cluster is found by its parts.
  var environment: [String: String] {
    ["KUBE_HOST": endpoint, "KUBE_TOKEN": token, "KUBE_CLUSTER_CA_CERT_DATA": certificate]
  }

  /// A kubeconfig with a context for those who may come in, and one for those who may not.
  var kubeconfig: String {
    let cluster: JSONValue = [
      "server": .string(endpoint), "certificate-authority": .string("\(folder)/ca.pem"),
    ]
    return JSONValue.object([
      "apiVersion": "v1", "kind": "Config", "clusters": [["name": "local", "cluster": cluster]],
      "users": [
        ["name": "known", "user": ["token": .string(token)]],
        ["name": "stranger", "user": ["token": "other"]],
      ],
      "contexts": [
        ["name": "known", "context": ["cluster": "local", "user": "known"]],
        ["name": "stranger", "context": ["cluster": "local", "user": "stranger"]],
      ], "current-context": "stranger",
    ]).text()
  }

  /// Adds, changes or removes (null) objects by their paths.
  func put(_ objects: JSONValue) throws {
    let reply = try HTTPCall(
      url: "\(endpoint)/stackjob-test/objects",
      method: "PUT",
      body: objects.text(),
      certificates: "\(folder)/ca.pem"
    ).perform()
    try #require(reply.status == 200)
  }
}
