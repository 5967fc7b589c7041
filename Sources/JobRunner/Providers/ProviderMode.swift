/// How the engine gets at its providers.
package enum ProviderMode: String, Sendable, CaseIterable {
  /// Through a host of ours that answers what does not depend on a provider's configuration; see
  /// `docs/provider-acceleration.md`.
  case accelerated
  /// As the engine does it by itself.
  case plain
}
