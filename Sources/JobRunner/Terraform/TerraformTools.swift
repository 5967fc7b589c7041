package import Engines
package import ProviderHost

/// How Terraform or OpenTofu is used on this machine.
package struct TerraformTools: Sendable {
  package var cliConfig: TerraformCLIConfig
  package var providers: ProviderMode
  /// Where a started provider may be had; nil for nowhere.
  package var spares: SpareSource?
  /// Its own log level, when a person asked for it.
  package var logLevel: String?

  package init(
    cliConfig: TerraformCLIConfig,
    providers: ProviderMode = .plain,
    spares: SpareSource? = nil,
    logLevel: String? = nil
  ) {
    self.cliConfig = cliConfig
    self.providers = providers
    self.spares = spares
    self.logLevel = logLevel
  }
}
