import ClusterAccess
import JobRunner
import Manifests
import StackModel

/// What a provider works on, and what its module is told of that.
struct ProviderAccess {
  var target: ProviderTarget?
  var connection: ModuleConnection?
  var secrets: [Secret] = []

  /// A module that insists on a connection gets one that leads nowhere.
  static func sandbox(_ provider: ProviderDefinition) -> ProviderAccess {
    ProviderAccess(
      target: .sandbox(provider.name),
      connection: provider.connection.map {
        ModuleConnection(variable: $0.variable, values: ["host": "https://sandbox.invalid"])
      }
    )
  }

  static func choose(
    _ provider: ProviderDefinition,
    stack: StackID,
    session: Session,
    options: ClusterOptions
  ) -> Result<ProviderAccess, DiagnosticFailure> {
    guard let described = provider.connection else { return .success(ProviderAccess()) }
    return cluster(described, stack: stack, session: session, options: options).map { cluster in
      ProviderAccess(
        target: cluster.target,
        connection: ModuleConnection(
          variable: described.variable,
          values: ["config_context": ClusterConnection.context],
          kubeconfig: cluster.kubeconfig
        ),
        secrets: cluster.secrets
      )
    }
  }

  /// The cluster of a stack: flags, then the first rule of the settings that fits, then the environment.
  static func cluster(
    _ described: ProviderDefinition.Connection,
    stack: StackID,
    session: Session,
    options: ClusterOptions
  ) -> Result<ClusterConnection, DiagnosticFailure> {
    let environment = session.environment
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    var named: [String: String] = [:]
    for key in described.keys { named[key.key] = key.environment.lazy.compactMap(value).first }
    // KUBECONFIG may be a list.
    let paths = named.removeValue(forKey: "config_path")?.split(separator: ":").map(String.init) ?? []
    let context = named.removeValue(forKey: "config_context")
    let flags = ClusterSource(
      "the command line",
      kubeconfig: options.kubeconfig.map { [$0] } ?? [],
      context: options.context,
      inCluster: options.inCluster
    )
    let rule = session.settings.cluster(for: stack)
    return ClusterChoice(
      sources: [flags] + (rule.map { [$0] } ?? [])
        + [ClusterSource("the environment", kubeconfig: paths, context: context, host: named)],
      defaultKubeconfig: "\(session.locations.home)/.kube/config",
      pod: PodAccount(
        folder: described.podFolder,
        host: described.podHost.first.flatMap(value),
        port: described.podHost.last.flatMap(value)
      )
    ).resolve()
  }
}
