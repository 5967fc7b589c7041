package import StackModel

/// A provider's plugin in one version.
package struct PulumiPlugin: Sendable, Hashable {
  package var name: String
  /// Without a `v` before it.
  package var version: String

  package init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  /// What a program pins: it names the version where it configures the provider.
  package static func pinned(by program: JSONValue) -> [PulumiPlugin] {
    let found = (program["resources"]?.object ?? [:]).compactMap { _, resource -> PulumiPlugin? in
      guard let type = resource["type"]?.string, type.hasPrefix("pulumi:providers:"),
        let version = resource["options"]?["version"]?.string
      else { return nil }
      return PulumiPlugin(name: String(type.dropFirst("pulumi:providers:".count)), version: version)
    }
    return Set(found).sorted { $0.name < $1.name }
  }

  /// The folder that it has among plugins.
  package var folder: String { "resource-\(name)-v\(version)" }

  package var executable: String { "\(folder)/pulumi-resource-\(name)" }

  /// The file that it is handed out as.
  package var archive: String { "pulumi-resource-\(name)-v\(version)-\(Self.platform).tar.gz" }

  /// Where it may lie unpacked below a folder: side by side with others, or as in a home of Pulumi.
  package func folders(below place: String) -> [String] {
    ["\(place)/\(folder)", "\(place)/plugins/\(folder)"]
  }

  private static var platform: String {
    #if arch(arm64)
      "linux-arm64"
    #else
      "linux-amd64"
    #endif
  }
}
