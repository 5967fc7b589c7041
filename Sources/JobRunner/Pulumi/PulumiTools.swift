package import Engines
package import StackModel

/// How Pulumi is used on this machine.
package struct PulumiTools: Sendable {
  /// Where plugins and schemas are kept between jobs; ours, not the user's.
  package var home: String
  /// Folders with plugins that are to be used and need no network.
  package var plugins: [String]
  /// Whether Pulumi may fetch a plugin that is nowhere.
  package var allowsDownload: Bool

  package init(home: String, plugins: [String] = [], allowsDownload: Bool = false) {
    self.home = home
    self.plugins = plugins
    self.allowsDownload = allowsDownload
  }
}

/// Who keeps a stack's state for Pulumi, and who its secrets.
package struct PulumiState: Sendable, Hashable {
  package var backend: PulumiBackend
  /// Below the state home: nobody named a backend.
  package var isManaged: Bool
  /// Of the hosted service; nil for the account's own.
  package var organization: String?
  /// `passphrase`, `default` of the service, or a URL such as `awskms://...`.
  package var secretsProvider: String
  package var passphrase: Secret?

  package init(
    backend: PulumiBackend,
    isManaged: Bool,
    organization: String? = nil,
    secretsProvider: String,
    passphrase: Secret? = nil
  ) {
    self.backend = backend
    self.isManaged = isManaged
    self.organization = organization
    self.secretsProvider = secretsProvider
    self.passphrase = passphrase
  }

  /// Tells one from another; the passphrase is no part of it.
  var json: JSONValue {
    [
      "url": .string(backend.url), "organization": .optional(organization),
      "secrets_provider": .string(secretsProvider),
    ]
  }
}
