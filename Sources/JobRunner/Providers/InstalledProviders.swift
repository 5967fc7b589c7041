import LocalFiles
import ProviderHost

/// The provider packages that an `init` has put into the workspace, by the lock file that it wrote.
struct InstalledProviders {
  struct Package {
    var verified: ProviderVerification.Package
    var executable: String
  }

  /// Why the packages cannot be served by us.
  struct Unusable: Error, CustomStringConvertible {
    var description: String
  }

  let lock: DependencyLock
  let packages: [Package]

  /// - Parameter folders: the package folders by source, where they are not those of the workspace.
  init(workspace: Workspace, folders: [String: String] = [:]) throws(Unusable) {
    // A module with built-in providers alone has none.
    let text = LocalFiles.text(workspace.dependencyLock) ?? ""
    do throws(DependencyLock.Problem) {
      lock = try DependencyLock(parsing: text)
    } catch {
      throw Unusable(description: error.description)
    }
    var packages: [Package] = []
    for entry in lock.entries {
      let root = "\(workspace.path)/.terraform/providers"
      let folder = folders[entry.source] ?? Self.folder(of: entry, in: root)
      guard let folder, let executable = Self.executable(of: entry, in: folder) else {
        throw Unusable(
          description: "the package of \(entry.source) \(entry.version) is not where it was expected"
        )
      }
      packages.append(
        Package(
          verified: ProviderVerification.Package(
            source: entry.source,
            version: entry.version,
            folder: folder,
            root: ".terraform/providers"
          ),
          executable: executable
        )
      )
    }
    self.packages = packages
  }

  /// Holds every package against the lock.
  func verify(
    _ digests: FileDigests
  ) throws(FileError) -> (providers: [HostedProvider], mismatches: [String], notVerifiable: String?) {
    let verification = ProviderVerification(digests: digests)
    var providers: [HostedProvider] = []
    var mismatches: [String] = []
    for package in packages {
      switch try verification.verify(package.verified, against: lock) {
      case .ok(let hash):
        providers.append(
          HostedProvider(source: package.verified.source, executable: package.executable, identity: hash)
        )
      case .mismatch(let message): mismatches.append(message)
      case .notVerifiable(let reason): return ([], [], reason)
      }
    }
    return (providers, mismatches, nil)
  }

  /// By source, where they outlive the workspace: in a mirror or a plugin cache. Nil when one does not.
  func lastingFolders(outside workspace: Workspace) -> [String: String]? {
    let own = LocalFiles.absolute(workspace.path) + "/"
    var folders: [String: String] = [:]
    for package in packages {
      let path = LocalFiles.absolute(package.verified.folder)
      guard !path.hasPrefix(own) else { return nil }
      folders[package.verified.source] = path
    }
    return folders
  }

  private static func folder(of entry: DependencyLock.Entry, in root: String) -> String? {
    let versions = "\(root)/\(entry.source)/\(entry.version)"
    guard let platforms = try? LocalFiles.list(versions), platforms.count == 1 else { return nil }
    return LocalFiles.absolute("\(versions)/\(platforms[0])")
  }

  private static func executable(of entry: DependencyLock.Entry, in folder: String) -> String? {
    let prefix = "terraform-provider-\(LocalFiles.name(of: entry.source))"
    let found = ((try? LocalFiles.list(folder)) ?? []).filter {
      $0 == prefix || $0.hasPrefix("\(prefix)_")
    }
    return found.count == 1 ? "\(folder)/\(found[0])" : nil
  }
}
