/// The environment of a Pulumi process.
package enum PulumiEnvironment {
  /// Every flag can be set by a variable, so none of these passes from outside.
  package static let reserved = ["PULUMI_*"]

  /// What we set for every command.
  ///
  /// - Parameters:
  ///   - home: where plugins and the schema cache lie; without it Pulumi would look for one.
  ///   - temporary: for this job alone: the plugin for Kubernetes leaves kubeconfigs there.
  ///   - allowsDownload: whether a plugin that is missing may be fetched.
  package static func fixed(
    backend: PulumiBackend,
    passphraseFile: String?,
    home: String,
    temporary: String,
    allowsDownload: Bool
  ) -> [String: String] {
    var variables = [
      "PULUMI_BACKEND_URL": backend.url,
      "PULUMI_HOME": home,
      "TMPDIR": temporary,
      "PULUMI_SKIP_UPDATE_CHECK": "true",
      "PULUMI_AUTOMATION_API": "true",
      "PULUMI_SUPPRESS_NEO_LINK": "true",
      "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
      // A preview tells events line by line, as an update does.
      "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
      // Without it a folder that lost its stack file gets a new salt, and secrets are lost.
      "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
    ]
    if !allowsDownload { variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true" }
    if let passphraseFile { variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = passphraseFile }
    return variables
  }
}

/// Where a stack's state is kept.
package struct PulumiBackend: Sendable, Hashable {
  package var url: String

  package static let schemes = ["file", "s3", "gs", "azblob", "postgres", "http", "https"]

  /// Nil for a scheme that is none of Pulumi's: it would take such a URL for its hosted service.
  package init?(_ url: String) {
    guard let end = url.firstRange(of: "://"), Self.schemes.contains(String(url[..<end.lowerBound])),
      end.upperBound < url.endIndex
    else { return nil }
    self.url = url
  }

  /// The folder of a `file` backend.
  package var folder: String? {
    url.hasPrefix("file://") ? String(url.dropFirst(7).prefix { $0 != "?" }) : nil
  }

  /// A service of Pulumi's own kind, which has locks and secrets of its own.
  package var isService: Bool { url.hasPrefix("http://") || url.hasPrefix("https://") }
}
