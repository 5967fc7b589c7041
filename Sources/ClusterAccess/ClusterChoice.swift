import LocalFiles
package import StackModel

/// What one source says of the cluster: the command line, a rule of the settings, or the environment.
package struct ClusterSource: Sendable {
  /// For people: `the command line`.
  package var name: String
  /// Files that are merged.
  package var kubeconfig: [String]
  package var context: String?
  package var inCluster: Bool
  /// By key of the module's connection: `host`, `token`, ...
  package var host: [String: String]

  package init(
    _ name: String,
    kubeconfig: [String] = [],
    context: String? = nil,
    inCluster: Bool = false,
    host: [String: String] = [:]
  ) {
    self.name = name
    self.kubeconfig = kubeconfig
    self.context = context
    self.inCluster = inCluster
    self.host = host
  }

  fileprivate var ways: [String] {
    (kubeconfig.isEmpty ? [] : ["a kubeconfig"]) + (inCluster ? ["the cluster that this runs in"] : [])
      + (host["host"] == nil ? [] : ["a host"])
  }
}

/// Decides which cluster a job goes to. None is guessed: a deployment does not go where somebody's
/// terminal last was.
package struct ClusterChoice: Sendable {
  /// The strongest first.
  package var sources: [ClusterSource]
  /// kubectl's own file, taken when a context is named and no file is.
  package var defaultKubeconfig: String
  package var pod: PodAccount

  package init(sources: [ClusterSource], defaultKubeconfig: String, pod: PodAccount) {
    self.sources = sources
    self.defaultKubeconfig = defaultKubeconfig
    self.pod = pod
  }

  package func resolve() -> Result<ClusterConnection, DiagnosticFailure> {
    let context = sources.lazy.compactMap(\.context).first
    guard let place = sources.firstIndex(where: { !$0.ways.isEmpty }) else {
      if context != nil { return kubeconfig([defaultKubeconfig], context) }
      return .failure(
        DiagnosticFailure(
          .error(
            "cluster.none",
            "no cluster is named, and none is guessed",
            hint:
              "give --context NAME (with --kubeconfig FILE), set KUBECONFIG or KUBE_HOST, write a rule under "
              + "`clusters` in the settings, or run without one: --sandbox"
          )
        )
      )
    }
    let source = sources[place]
    // A context stands in a kubeconfig. Beside another way it is a second one, and before it the stronger.
    let isAmbiguous = source.kubeconfig.isEmpty && source.context != nil
    let ways = source.ways + (isAmbiguous ? ["a context"] : [])
    guard ways.count == 1 else {
      return .failure(
        DiagnosticFailure(
          .error(
            "cluster.several",
            "\(source.name) names \(ways.joined(separator: " and ")); which cluster is meant?",
            hint: "leave one of them; a flag or a rule of the settings wins over the environment"
          )
        )
      )
    }
    if source.kubeconfig.isEmpty, sources[..<place].contains(where: { $0.context != nil }) {
      return kubeconfig([defaultKubeconfig], context)
    }
    if !source.kubeconfig.isEmpty { return kubeconfig(source.kubeconfig, context) }
    if source.inCluster { return pod.connection() }
    return host(source)
  }

  private func kubeconfig(_ files: [String], _ context: String?) -> Result<
    ClusterConnection, DiagnosticFailure
  > {
    let (config, problems) = Kubeconfig.read(files)
    guard let config else { return .failure(DiagnosticFailure(problems)) }
    return config.connection(context: context)
  }

  private func host(_ source: ClusterSource) -> Result<ClusterConnection, DiagnosticFailure> {
    let values = source.host
    let hasCertificate = values["client_certificate"] != nil && values["client_key"] != nil
    guard values["token"] != nil || values["token_file"] != nil || hasCertificate else {
      return .failure(
        DiagnosticFailure(
          .error(
            "cluster.credentials",
            "\(source.name) names the host \(values["host"] ?? "") without credentials for it",
            hint: "give a token, or a client certificate with its key"
          )
        )
      )
    }
    return .success(.host(values, told: hasCertificate ? "client certificate" : "token"))
  }
}

/// The account that a pod finds mounted, and the address of its cluster.
package struct PodAccount: Sendable {
  /// Holds `token` and `ca.crt`.
  package var folder: String
  package var host: String?
  package var port: String?

  package init(folder: String, host: String?, port: String?) {
    self.folder = folder
    self.host = host
    self.port = port
  }

  func connection() -> Result<ClusterConnection, DiagnosticFailure> {
    guard let host, let port, LocalFiles.isFile("\(folder)/token") || LocalFiles.exists("\(folder)/token")
    else {
      return .failure(
        DiagnosticFailure(
          .error(
            "cluster.pod",
            "this does not run in a pod with an account: KUBERNETES_SERVICE_HOST or \(folder)/token is missing",
            hint: "name the cluster with --context, or mount the service account's token"
          )
        )
      )
    }
    let server = "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    // By file and not by value: the kubelet replaces the token while a long apply runs.
    return .success(
      .host(
        ["host": server, "token_file": "\(folder)/token", "cluster_ca_file": "\(folder)/ca.crt"],
        told: "service account of the pod"
      )
    )
  }
}
