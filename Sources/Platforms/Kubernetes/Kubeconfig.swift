import Digests
package import LocalFiles
package import StackModel

/// A kubeconfig for credentials that are given in parts. JSON is YAML, so kubectl takes it.
package struct Kubeconfig: Sendable {
  /// For example `https://10.0.0.1:6443`.
  package var host: String
  /// PEM.
  package var certificateAuthority: String?
  package var token: Secret?
  /// PEM.
  package var clientCertificate: String?
  /// PEM.
  package var clientKey: Secret?
  package var tlsServerName: String?
  package var proxyURL: String?
  package var insecure: Bool

  package init(
    host: String,
    certificateAuthority: String? = nil,
    token: Secret? = nil,
    clientCertificate: String? = nil,
    clientKey: Secret? = nil,
    tlsServerName: String? = nil,
    proxyURL: String? = nil,
    insecure: Bool = false
  ) {
    self.host = host
    self.certificateAuthority = certificateAuthority
    self.token = token
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.tlsServerName = tlsServerName
    self.proxyURL = proxyURL
    self.insecure = insecure
  }

  private static let name = "stackjob"

  /// The document, with the secrets in it.
  package var json: JSONValue {
    var cluster: JSONObject = ["server": .string(host)]
    cluster["certificate-authority-data"] = certificateAuthority.map { .string(Base64.text($0.utf8)) }
    cluster["tls-server-name"] = tlsServerName.map { .string($0) }
    cluster["proxy-url"] = proxyURL.map { .string($0) }
    if insecure { cluster["insecure-skip-tls-verify"] = true }
    var user: JSONObject = [:]
    user["token"] = token.map { .string($0.reveal()) }
    user["client-certificate-data"] = clientCertificate.map { .string(Base64.text($0.utf8)) }
    user["client-key-data"] = clientKey.map { .string(Base64.text($0.reveal().utf8)) }
    let name = JSONValue.string(Self.name)
    return [
      "apiVersion": "v1",
      "kind": "Config",
      "clusters": [["name": name, "cluster": .object(cluster)]],
      "users": [["name": name, "user": .object(user)]],
      "contexts": [["name": name, "context": ["cluster": name, "user": name]]],
      "current-context": name,
    ]
  }

  /// Writes it where only we can read it. Whoever calls this removes the folder with
  /// ``removeFolder(of:)`` once the cluster is asked no more.
  package func write(below temporary: String) throws(FileError) -> KubectlAccess {
    let folder = "\(temporary)/stackjob-kubeconfig.\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    let path = "\(folder)/config"
    try LocalFiles.create(path, with: json.bytes())
    return KubectlAccess(kubeconfigs: [path], context: Self.name)
  }

  package static func removeFolder(of access: KubectlAccess) throws(FileError) {
    for path in access.kubeconfigs { try LocalFiles.removeTree(LocalFiles.parent(of: path)) }
  }
}
