import LocalFiles

/// Finds folders of provider packages on this machine, laid out as Terraform lays out a filesystem
/// mirror: `registry.terraform.io/<namespace>/<type>/...`.
package struct ProviderMirrors: Sendable, Equatable {
  package struct Mirror: Sendable, Equatable {
    package var path: String
    /// `<host>/<namespace>/<type>` of each provider it holds.
    package var providers: [String]
  }

  package var mirrors: [Mirror]

  /// The names a mirror's top folder may have.
  static let hosts = ["registry.terraform.io", "registry.opentofu.org"]

  /// Looks where the user says, then where Terraform itself would look, then below the usual roots
  /// for installed software.
  ///
  /// - Parameters:
  ///   - configured: folders from `STACKJOB_PROVIDER_MIRROR` and the settings; when there is one, it
  ///     is used and nothing is searched.
  ///   - home: the user's home folder.
  ///   - dataHome: `XDG_DATA_HOME`.
  package static func find(configured: [String], home: String, dataHome: String?) -> ProviderMirrors {
    if !configured.isEmpty { return ProviderMirrors(at: configured) }
    let implied = [
      "\(home)/.terraform.d/plugins", "\(dataHome ?? "\(home)/.local/share")/terraform/plugins",
      "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins",
    ]
    let below = ["/opt", "/srv", "/usr/local/lib", "/usr/local/share", "/var/lib"].flatMap { root in
      ((try? LocalFiles.list(root)) ?? []).map { "\(root)/\($0)" }
    }
    return ProviderMirrors(at: implied + below)
  }

  /// Those of the folders that are mirrors, each once, by whatever names it was given.
  private init(at folders: [String]) {
    var seen: Set<String> = []
    mirrors = folders.compactMap(Self.mirror(at:)).filter { seen.insert($0.path).inserted }
  }

  /// The mirror in that folder, or nil when it holds no provider.
  static func mirror(at path: String) -> Mirror? {
    let providers = hosts.flatMap { host in
      folders(in: "\(path)/\(host)").flatMap { namespace in
        folders(in: "\(path)/\(host)/\(namespace)").map { "\(host)/\(namespace)/\($0)" }
      }
    }
    return providers.isEmpty ? nil : Mirror(path: LocalFiles.absolute(path), providers: providers)
  }

  private static func folders(in path: String) -> [String] {
    ((try? LocalFiles.list(path)) ?? []).filter { LocalFiles.isFolder("\(path)/\($0)") }
  }

  /// The versions of a provider that the mirrors hold, unpacked or packed.
  package func versions(of provider: String) -> [String] {
    var found: Set<String> = []
    for mirror in mirrors where mirror.providers.contains(provider) {
      let type = LocalFiles.name(of: provider)
      for name in (try? LocalFiles.list("\(mirror.path)/\(provider)")) ?? [] {
        if LocalFiles.isFolder("\(mirror.path)/\(provider)/\(name)") {
          found.insert(name)
        } else if name.hasPrefix("terraform-provider-\(type)_"), name.hasSuffix(".zip") {
          let version = name.dropFirst("terraform-provider-\(type)_".count).prefix { $0 != "_" }
          found.insert(String(version))
        }
      }
    }
    return found.sorted()
  }

  package func cliConfig(pluginCache: String?, allowsDownload: Bool) -> TerraformCLIConfig {
    TerraformCLIConfig(
      mirrors: mirrors.map(\.path),
      mirroredProviders: Dictionary(uniqueKeysWithValues: mirrors.map { ($0.path, $0.providers) }),
      pluginCache: pluginCache,
      allowsDownload: allowsDownload
    )
  }
}
