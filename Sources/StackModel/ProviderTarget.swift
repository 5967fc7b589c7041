/// Where a job's provider will make its changes, as far as that is known before it is asked.
package struct ProviderTarget: Sendable, Hashable {
  /// `kubernetes`, `aws`.
  package var provider: String
  /// What is changed: the URL of a cluster's API server, or `sandbox`.
  package var target: String
  /// The context of the kubeconfig.
  package var context: String?
  /// As whom: the user of the kubeconfig, or how the credentials are given.
  package var user: String?
  /// Nothing real is changed.
  package var isSandbox: Bool

  package init(
    provider: String,
    target: String,
    context: String? = nil,
    user: String? = nil,
    isSandbox: Bool = false
  ) {
    self.provider = provider
    self.target = target
    self.context = context
    self.user = user
    self.isSandbox = isSandbox
  }

  package static func sandbox(_ provider: String) -> ProviderTarget {
    ProviderTarget(provider: provider, target: "sandbox", isSandbox: true)
  }
}
