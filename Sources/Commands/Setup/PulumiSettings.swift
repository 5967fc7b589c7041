/// The settings below `pulumi`.
struct PulumiSettings: Sendable, Equatable {
  /// Folders with plugins, laid out as in a Pulumi home or with their archives side by side.
  var plugins: [String] = []
  var allowsPluginDownload = false
  var passphraseFile: String?
  /// Name of the variable that holds the passphrase.
  var passphraseEnvironment: String?
  /// Of all stacks whose backend names none.
  var secretsProvider: String?

  static let keys = ["plugins", "allowPluginDownload", "passphraseFile", "passphraseEnv", "secretsProvider"]

  /// Those that keep keys elsewhere, beside `passphrase` and the service's own `default`.
  static let secretsProviders = ["awskms", "azurekeyvault", "gcpkms", "hashivault"]

  static func isSecretsProvider(_ text: String) -> Bool {
    text == "passphrase" || text == "default" || secretsProviders.contains { text.hasPrefix("\($0)://") }
  }
}
