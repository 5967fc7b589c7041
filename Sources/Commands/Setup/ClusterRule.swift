import ClusterAccess
import LocalFiles
import StackModel

extension Settings {
  /// Which cluster stacks go to, by a rule under `clusters`.
  struct ClusterRule: Sendable {
    /// Parts of a stack's name that must be equal; absent ones match all.
    var match: [String: String]
    /// By the rule's own keys.
    var values: [String: String]

    static let keys = [
      "kubeconfig", "context", "inCluster", "host", "certificateAuthority", "tokenFile", "tlsServerName",
      "proxyURL",
    ]

    func matches(_ stack: StackID) -> Bool { stack.matches(match) }

    var source: ClusterSource {
      let names = [
        "host": "host", "certificateAuthority": "cluster_ca_file", "tokenFile": "token_file",
        "tlsServerName": "tls_server_name", "proxyURL": "proxy_url",
      ]
      var host: [String: String] = [:]
      for (key, name) in names { host[name] = values[key] }
      // The kubeconfig that is made of it stands elsewhere.
      for name in ["cluster_ca_file", "token_file"] { host[name] = host[name].map(LocalFiles.rooted) }
      return ClusterSource(
        "the rule of the settings",
        kubeconfig: values["kubeconfig"].map { [$0] } ?? [],
        context: values["context"],
        inCluster: values["inCluster"] == "true",
        host: host
      )
    }
  }
}

extension StackID {
  /// Whether the named parts of its name are these.
  func matches(_ parts: [String: String]) -> Bool {
    let own = ["org": org, "env": env, "kind": kind, "name": name]
    return parts.allSatisfy { own[$0.key] == $0.value }
  }
}
