/// The first words between Terraform and a plugin, in the environment one way and on one line of
/// standard output the other.
package struct Handshake: Sendable, Hashable {
  /// The version that both sides know, the newest first.
  package var version: PluginProtocol
  /// Terraform's certificate in PEM, when the connection is to be encrypted both ways.
  package var clientCertificate: String?
  /// Where the socket may stand.
  package var socketFolder: String

  package enum Refusal: Error, Hashable {
    /// Started by hand. A provider is of no use without Terraform.
    case notStartedByTerraform
    /// Terraform speaks none of our versions; what it offered.
    case noCommonVersion(String)
  }

  /// What Terraform sets for every provider: no secret, only a guard against starting one by hand.
  package static let cookieName = "TF_PLUGIN_MAGIC_COOKIE"
  package static let cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

  /// - Parameters:
  ///   - environment: the process's.
  ///   - speaks: the versions to choose from.
  package init(environment: [String: String], speaks: Set<PluginProtocol>) throws(Refusal) {
    guard environment[Self.cookieName] == Self.cookie else { throw .notStartedByTerraform }
    let offered = environment["PLUGIN_PROTOCOL_VERSIONS"] ?? ""
    let known = offered.split(separator: ",").compactMap { Int($0).flatMap(PluginProtocol.init) }
    guard let version = known.filter(speaks.contains).max() else { throw .noCommonVersion(offered) }
    self.version = version
    clientCertificate = environment["PLUGIN_CLIENT_CERT"].flatMap { $0.isEmpty ? nil : $0 }
    socketFolder = environment["PLUGIN_UNIX_SOCKET_DIR"] ?? environment["TMPDIR"] ?? "/tmp"
  }

  /// The line that tells Terraform where to connect.
  ///
  /// - Parameters:
  ///   - socket: path of the listening Unix socket.
  ///   - certificate: the server's certificate in base64 of DER without padding; empty in the clear.
  package func line(socket: String, certificate: String) -> String {
    // 1 is the version of this line itself.
    "1|\(version.rawValue)|unix|\(socket)|grpc|\(certificate)"
  }
}
