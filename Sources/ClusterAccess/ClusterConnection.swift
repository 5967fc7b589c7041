import Digests
import LocalFiles
package import StackModel

/// Access to one cluster: a kubeconfig with one context in it, and what people are told of it.
///
/// Whatever way the credentials are given, they become such a file, so that the provider and kubectl are
/// told the same, and no way has rules of its own.
package struct ClusterConnection: Sendable {
  /// A whole kubeconfig as JSON, which is YAML too.
  package var kubeconfig: JSONValue
  package var target: ProviderTarget
  /// What must not be shown.
  package var secrets: [Secret]

  /// The name of the one context in the file.
  package static let context = "stackjob"

  /// A cluster and a user as a kubeconfig holds them.
  init(cluster: JSONObject, user: JSONObject, namespace: String?, told target: ProviderTarget) {
    var context: JSONObject = ["cluster": .string(Self.context), "user": .string(Self.context)]
    if let namespace { context["namespace"] = .string(namespace) }
    kubeconfig = [
      "apiVersion": "v1", "kind": "Config", "current-context": .string(Self.context),
      "clusters": [["name": .string(Self.context), "cluster": .object(cluster)]],
      "contexts": [["name": .string(Self.context), "context": .object(context)]],
      "users": [["name": .string(Self.context), "user": .object(user)]],
    ]
    self.target = target
    self.target.target = Self.withoutPassword(target.target)
    secrets =
      Self.secrets(in: user) + Self.contents(of: user["tokenFile"]?.string)
      + [cluster["proxy-url"]?.string, cluster["server"]?.string].flatMap(Self.password)
  }

  /// Values of the members whose names say that they are secret, at any depth: tokens of sign-in plugins, and what
  /// they are given in their environment.
  private static func secrets(in object: JSONObject) -> [Secret] {
    object.flatMap { key, value -> [Secret] in
      switch value {
      case .object(let inner):
        return secrets(in: inner)
      case .array(let elements):
        return elements.flatMap { element -> [Secret] in
          guard let inner = element.object else { return [] }
          if let name = inner["name"]?.string, let text = inner["value"]?.string {
            return isSecret(name) ? [Secret(text)] : []
          }
          return secrets(in: inner)
        }
      case .string(let text): return isSecret(key) ? [Secret(text)] : []
      default: return []
      }
    }
  }

  private static func isSecret(_ name: String) -> Bool {
    let name = name.lowercased()
    guard !name.hasSuffix("file") else { return false }
    return ["token", "password", "secret", "client-key-data", "access_key"].contains { name.contains($0) }
  }

  /// What a token's file holds now; the kubelet renews it, and a later one is not known here.
  private static func contents(of path: String?) -> [Secret] {
    guard let path, LocalFiles.isFile(path), let text = LocalFiles.text(path) else { return [] }
    let token = text.split { $0.isWhitespace }.first.map(String.init) ?? ""
    return token.isEmpty || token.utf8.count > 64 << 10 ? [] : [Secret(token)]
  }

  private static func withoutPassword(_ url: String) -> String {
    guard let start = url.firstRange(of: "://"), let end = url.lastIndex(of: "@"), end > start.upperBound
    else {
      return url
    }
    return String(url[..<start.upperBound] + url[url.index(after: end)...])
  }

  /// `user:password@` of a URL.
  private static func password(in url: String?) -> [Secret] {
    guard let url, let start = url.firstRange(of: "://"), let end = url.lastIndex(of: "@"),
      let colon = url[start.upperBound..<end].firstIndex(of: ":")
    else { return [] }
    return [Secret(String(url[url.index(after: colon)..<end]))]
  }

  /// The cluster by its API server, with what the environment or settings give for it.
  static func host(_ values: [String: String], told user: String?) -> ClusterConnection {
    let given = values["host"] ?? ""
    let server = given.contains("://") ? given : "https://\(given)"
    var cluster: JSONObject = ["server": .string(server)]
    if let pem = values["cluster_ca_certificate"] { cluster["certificate-authority-data"] = data(pem) }
    if let path = values["cluster_ca_file"] { cluster["certificate-authority"] = .string(path) }
    if let name = values["tls_server_name"] { cluster["tls-server-name"] = .string(name) }
    if let url = values["proxy_url"] { cluster["proxy-url"] = .string(url) }
    if values["insecure"] == "true" { cluster["insecure-skip-tls-verify"] = true }
    var account: JSONObject = [:]
    if let token = values["token"] { account["token"] = .string(token) }
    if let path = values["token_file"] { account["tokenFile"] = .string(path) }
    if let pem = values["client_certificate"] { account["client-certificate-data"] = data(pem) }
    if let pem = values["client_key"] { account["client-key-data"] = data(pem) }
    var connection = ClusterConnection(
      cluster: cluster,
      user: account,
      namespace: nil,
      told: ProviderTarget(provider: "kubernetes", target: server, user: user)
    )
    // In the clear it must not show up either.
    connection.secrets += values["client_key"].map { [Secret($0)] } ?? []
    return connection
  }

  private static func data(_ text: String) -> JSONValue { .string(Base64.text(text.utf8)) }
}
