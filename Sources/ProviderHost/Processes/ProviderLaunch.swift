import LocalFiles
import PluginWire

/// All that a provider's process is made of. Two processes of equal launches are interchangeable as
/// long as neither was configured.
package struct ProviderLaunch: Sendable, Hashable {
  package var executable: String
  /// See ``HostedProvider/identity``.
  package var identity: String
  /// Exactly what the process gets, but for what the handshake adds.
  package var environment: [String: String]
  /// Providers read files by paths that are relative to Terraform's own folder.
  package var workingDirectory: String

  package init(executable: String, identity: String, environment: [String: String], workingDirectory: String)
  {
    self.executable = executable
    self.identity = identity
    self.environment = environment
    self.workingDirectory = workingDirectory
  }

  /// In bytes.
  var executableSize: Int { LocalFiles.size(of: LocalFiles.absolute(executable)) ?? 0 }

  /// The environment of the process.
  ///
  /// Without a certificate of a client the provider listens in the clear, which Terraform expects of
  /// a provider that is handed to it.
  ///
  /// - Parameter socketFolder: where the provider puts its socket.
  func variables(socketFolder: String) -> [String: String] {
    var variables = environment
    variables[Handshake.cookieName] = Handshake.cookie
    variables["PLUGIN_PROTOCOL_VERSIONS"] = PluginProtocol.allCases.map { "\($0.rawValue)" }
      .joined(separator: ",")
    variables["PLUGIN_MIN_PORT"] = "10000"
    variables["PLUGIN_MAX_PORT"] = "25000"
    variables["PLUGIN_UNIX_SOCKET_DIR"] = socketFolder
    for name in ["PLUGIN_CLIENT_CERT", "PLUGIN_MULTIPLEX_GRPC", "TF_REATTACH_PROVIDERS"] {
      variables[name] = nil
    }
    // Above a megabyte of trace lines for each schema, which nobody asked for.
    if ["TF_LOG", "TF_LOG_PROVIDER"].allSatisfy({ (environment[$0] ?? "").isEmpty }) {
      variables["TF_LOG_PROVIDER"] = "off"
      if (environment["TF_LOG_SDK"] ?? "").isEmpty { variables["TF_LOG_SDK"] = "off" }
    }
    return variables
  }

  /// The variables that a provider may depend on.
  ///
  /// Terraform's own are left out: they hold the tokens of one run, and no provider reads them.
  var ownEnvironment: [String: String] { environment.filter { !Self.isTerraforms($0.key) } }

  /// The same as bytes.
  func relevantEnvironment() -> [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in ownEnvironment.sorted(by: { $0.key < $1.key }) {
      bytes.append(contentsOf: "\(name)=\(value)".utf8)
      bytes.append(0)
    }
    return bytes
  }

  private static func isTerraforms(_ name: String) -> Bool {
    ["TF_VAR_", "TF_HTTP_", "TF_LOG", "TF_CLI_"].contains { name.hasPrefix($0) }
      || [
        "TF_DATA_DIR", "TF_INPUT", "TF_IN_AUTOMATION", "TF_PLUGIN_CACHE_DIR", "TF_WORKSPACE", "PWD", "OLDPWD",
      ]
      .contains(name)
  }
}
