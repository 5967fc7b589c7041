/// The major version of the protocol between Terraform and a provider.
package enum PluginProtocol: Int, Sendable, CaseIterable, Comparable {
  case v5 = 5
  case v6 = 6

  /// The full name of the gRPC service.
  package var service: String { "tfplugin\(rawValue).Provider" }

  package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}
