import LocalFiles
import Platforms
import StackModel

/// Which cluster to ask: what was named on the command line, else what the environment names.
///
/// None is guessed: a file in its usual place counts only when it is named.
struct ClusterChoice: Sendable {
  var kubeconfig: String?
  var context: String?

  /// - Returns: the way in, and how to remove what was written for it.
  func access(
    _ environment: [String: String]
  ) -> Result<(KubectlAccess, remove: @Sendable () -> Void), DiagnosticFailure> {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let context = self.context ?? value("KUBE_CTX")
    if let file = kubeconfig ?? value("KUBE_CONFIG_PATH") {
      return .success((KubectlAccess(kubeconfigs: [LocalFiles.rooted(file)], context: context), {}))
    }
    if let list = value("KUBECONFIG") {
      let files = list.split(separator: ":").map { LocalFiles.rooted(String($0)) }
      return .success((KubectlAccess(kubeconfigs: files, context: context), {}))
    }
    guard let host = value("KUBE_HOST") else {
      let problem = PlatformFailure(
        .credentials,
        "no cluster is named",
        hint: "give --kubeconfig FILE, or set KUBE_CONFIG_PATH, KUBECONFIG or KUBE_HOST"
      )
      return .failure(DiagnosticFailure(problem.diagnostic))
    }
    let written = Kubeconfig(
      host: host,
      certificateAuthority: value("KUBE_CLUSTER_CA_CERT_DATA"),
      token: value("KUBE_TOKEN").map(Secret.init),
      clientCertificate: value("KUBE_CLIENT_CERT_DATA"),
      clientKey: value("KUBE_CLIENT_KEY_DATA").map(Secret.init),
      tlsServerName: value("KUBE_TLS_SERVER_NAME"),
      proxyURL: value("KUBE_PROXY_URL"),
      insecure: value("KUBE_INSECURE") == "true"
    )
    do throws(FileError) {
      let access = try written.write(below: value("TMPDIR") ?? "/tmp")
      // What cannot be removed is in a folder that only we can read.
      return .success((access, { try? Kubeconfig.removeFolder(of: access) }))
    } catch {
      return .failure(
        DiagnosticFailure(.error("platform.kubeconfig", "the kubeconfig cannot be written: \(error)"))
      )
    }
  }
}
