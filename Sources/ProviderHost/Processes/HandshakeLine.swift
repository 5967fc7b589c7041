import PluginWire

/// The line by which a provider says where it listens.
struct HandshakeLine: Sendable, Hashable {
  var version: PluginProtocol
  var socket: String

  init(version: PluginProtocol, socket: String) {
    self.version = version
    self.socket = socket
  }

  /// - Parameter text: `1|5|unix|/path|grpc|`, the certificate at the end being empty. Newer providers
  ///   add fields.
  /// - Returns: nil when it is anything that we cannot connect to in the clear.
  init?(_ text: String) {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 5, parts[0] == "1", let version = Int(parts[1]).flatMap(PluginProtocol.init),
      parts[2] == "unix", parts[3].hasPrefix("/"), parts[4] == "grpc", parts.count < 6 || parts[5].isEmpty
    else { return nil }
    self.version = version
    socket = parts[3]
  }
}
