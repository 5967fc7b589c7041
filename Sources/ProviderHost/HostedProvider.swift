/// A provider that is to be served.
package struct HostedProvider: Sendable, Hashable {
  /// As Terraform writes it in full, for example `registry.terraform.io/hashicorp/aws`.
  package var source: String
  /// Path of the binary in its unpacked package.
  package var executable: String
  /// What stands for every byte of the package, above all for its binary: the `h1:` hash that
  /// ``ProviderVerification`` gives. What is cached of a provider is cached under it.
  package var identity: String

  package init(source: String, executable: String, identity: String) {
    self.source = source
    self.executable = executable
    self.identity = identity
  }
}
