package import Engines

/// How Terraform or OpenTofu is used on this machine.
package struct TerraformTools: Sendable {
  package var cliConfig: TerraformCLIConfig
  package var providers: ProviderMode
  /// Its own log level, when a person asked for it.
  package var logLevel: String?

  package init(cliConfig: TerraformCLIConfig, providers: ProviderMode = .plain, logLevel: String? = nil) {
    self.cliConfig = cliConfig
    self.providers = providers
    self.logLevel = logLevel
  }
}
