package import LocalFiles

/// Takes the place of Terraform's own check of a provider against the dependency lock file.
///
/// Terraform neither hashes a provider that is handed to it nor compares its version, so this has to
/// be done before such a provider is started.
package struct ProviderVerification: Sendable {
  /// An unpacked package of a provider, as Terraform caches it.
  package struct Package: Sendable {
    /// For example `registry.terraform.io/hashicorp/aws`.
    package var source: String
    package var version: String
    /// Where the binary lies.
    package var folder: String
    /// What Terraform calls the folder of all packages in its messages, for example `.terraform/providers`.
    package var root: String

    package init(source: String, version: String, folder: String, root: String) {
      self.source = source
      self.version = version
      self.folder = folder
      self.root = root
    }
  }

  package enum Result: Sendable, Equatable {
    /// The package is the one that is locked.
    /// - Parameter hash: its `h1:` hash, which stands for every byte of it.
    case ok(hash: String)
    /// Terraform would refuse it; its words for it.
    case mismatch(String)
    /// The lock has no hash that can be checked against an unpacked package. Terraform has its own
    /// ways then: leave the check to it.
    case notVerifiable(String)
  }

  private let digests: FileDigests

  package init(digests: FileDigests) { self.digests = digests }

  package func verify(_ package: Package, against lock: DependencyLock) throws(FileError) -> Result {
    guard let entry = lock.entry(for: package.source) else {
      return .mismatch("\(package.source): there is no entry for it in the dependency lock file")
    }
    guard entry.version == package.version else {
      return .mismatch(
        "\(package.source): there is no package for \(package.source) \(entry.version) cached in \(package.root)"
      )
    }
    let allowed = entry.hashes.filter { $0.hasPrefix("h1:") }
    guard !allowed.isEmpty else {
      return .notVerifiable(
        "the dependency lock file has no h1: hash of \(package.source) \(package.version)"
      )
    }
    let hash = try PackageHash.h1(of: package.folder, digest: digests.digest)
    guard allowed.contains(hash) else {
      return .mismatch(
        """
        \(package.source): the cached package for \(package.source) \(package.version) (in \(package.root)) does not \
        match any of the checksums recorded in the dependency lock file
        """
      )
    }
    return .ok(hash: hash)
  }
}

extension ProviderVerification.Result {
  /// The error that Terraform itself shows when it finds such packages.
  package static func terraformError(for mismatches: [String]) -> (summary: String, detail: String) {
    let list = mismatches.sorted().map { "  - \($0)" }.joined(separator: "\n")
    return (
      "Required plugins are not installed",
      """
      The installed provider plugins are not consistent with the packages selected in the dependency lock file:
      \(list)

      Terraform uses external plugins to integrate with a variety of different infrastructure services. To \
      download the plugins required for this configuration, run:
        terraform init
      """
    )
  }
}
