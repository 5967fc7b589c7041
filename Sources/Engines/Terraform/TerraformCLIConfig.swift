package import StackModel

/// The CLI configuration file that says where providers are installed from.
package struct TerraformCLIConfig: Sendable, Equatable {
  /// Folders that hold `registry.terraform.io/...`, best first.
  package var mirrors: [String]
  /// Providers present in each mirror, as `<host>/<namespace>/<type>`.
  package var mirroredProviders: [String: [String]]
  /// Folder that downloaded providers are kept in between runs.
  package var pluginCache: String?
  /// False allows the mirrors only: nothing is downloaded.
  package var allowsDownload: Bool

  package init(
    mirrors: [String] = [],
    mirroredProviders: [String: [String]] = [:],
    pluginCache: String? = nil,
    allowsDownload: Bool = true
  ) {
    self.mirrors = mirrors
    self.mirroredProviders = mirroredProviders
    self.pluginCache = pluginCache
    self.allowsDownload = allowsDownload
  }

  /// A provider that a mirror holds comes from there alone, so that a job needs no network for it;
  /// all others may be downloaded.
  package var text: String {
    var lines = ["disable_checkpoint = true"]
    if let pluginCache { lines.append("plugin_cache_dir = \(HCLText.quote(pluginCache))") }
    lines.append("provider_installation {")
    for mirror in mirrors {
      lines.append("  filesystem_mirror {")
      lines.append("    path    = \(HCLText.quote(mirror))")
      lines.append("    include = [\(Self.list(mirroredProviders[mirror] ?? []))]")
      lines.append("  }")
    }
    if allowsDownload {
      let all = Set(mirroredProviders.values.joined()).sorted()
      lines.append("  direct {")
      if !all.isEmpty { lines.append("    exclude = [\(Self.list(all))]") }
      lines.append("  }")
    }
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }

  /// What to do when a provider could not be installed.
  package var advice: EngineDiagnostic {
    let places = mirrors.isEmpty ? "no mirror was found" : "mirrors: \(mirrors.joined(separator: ", "))"
    let network = allowsDownload ? "the registry by network" : "nothing else, as `allowDownload` is false"
    return EngineDiagnostic(
      severity: .error,
      summary: "A provider is not to be had",
      detail: """
        Providers were looked for in \(places), and \(network). Without a network, make a mirror on a machine that \
        has one with `terraform providers mirror FOLDER`, copy it here, and name it in \
        STACKJOB_PROVIDER_MIRROR or as `providerMirrors` in the settings. `stackjob doctor` shows what is found.
        """
    )
  }

  private static func list(_ names: [String]) -> String {
    names.map(HCLText.quote).joined(separator: ", ")
  }
}
