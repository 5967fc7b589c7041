import PluginWire

/// What a call of Terraform is about, as far as it decides who answers.
enum ProviderCall: Sendable, Hashable {
  /// GetSchema and GetProviderSchema.
  case schema
  case identitySchemas
  /// Settings of the provider or of a type, checked before the provider is configured.
  case validate
  case configure
  case stop
  /// Makes a change in the world.
  case change
  /// go-plugin's wish that the process ends.
  case shutdown
  case health
  /// Streams of go-plugin that carry nothing by themselves: what the plugin prints, further connections.
  case background
  case other

  /// - Parameters:
  ///   - path: of the HTTP/2 request, for example `/tfplugin5.Provider/GetSchema`.
  ///   - version: what the provider speaks; a call of another version is for the provider to refuse.
  init(path: String, version: PluginProtocol) {
    switch path {
    case "/plugin.GRPCController/Shutdown": self = .shutdown
    case "/grpc.health.v1.Health/Check": self = .health
    case "/plugin.GRPCStdio/StreamStdio", "/plugin.GRPCBroker/StartStream": self = .background
    default:
      let prefix = "/\(version.service)/"
      self = path.hasPrefix(prefix) ? Self(method: path.dropFirst(prefix.count), version) : .other
    }
  }

  private init(method: Substring, _ version: PluginProtocol) {
    self =
      switch (method, version) {
      case ("GetSchema", .v5), ("GetProviderSchema", .v6): .schema
      case ("GetResourceIdentitySchemas", _): .identitySchemas
      case ("PrepareProviderConfig", .v5), ("ValidateProviderConfig", .v6),
        ("ValidateResourceTypeConfig", .v5), ("ValidateResourceConfig", .v6),
        ("ValidateDataSourceConfig", .v5), ("ValidateDataResourceConfig", .v6),
        ("ValidateEphemeralResourceConfig", _):
        .validate
      case ("Configure", .v5), ("ConfigureProvider", .v6): .configure
      case ("Stop", .v5), ("StopProvider", .v6): .stop
      case ("ApplyResourceChange", _), ("InvokeAction", _): .change
      default: .other
      }
  }

  static func schemaPath(_ version: PluginProtocol) -> String {
    "/\(version.service)/\(version == .v5 ? "GetSchema" : "GetProviderSchema")"
  }

  static let shutdownPath = "/plugin.GRPCController/Shutdown"
}
