package import LocalFiles
import StackModel

/// Lays out a filesystem mirror in which every recorded provider is the sandbox.
///
/// The layout is Terraform's own for unpacked packages, so Terraform and OpenTofu take it for the real
/// thing: `HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/terraform-provider-TYPE_vVERSION`, with what the binary
/// plays beside it.
package enum SandboxMirror {
  /// A provider that the mirror holds.
  package struct Package: Sendable, Equatable {
    /// For example `registry.terraform.io/hashicorp/kubernetes`.
    package var source: String
    package var version: String
    package var folder: String
    package var executable: String
  }

  package enum Failure: Error, CustomStringConvertible {
    case noBinary(String)
    case noRecordings([String])
    case badRecording(String)
    case file(FileError)

    package var description: String {
      switch self {
      case .noBinary(let path): "there is no terraform-provider-sandbox at \(path)"
      case .noRecordings(let roots): "no recorded provider was found below \(roots.joined(separator: ", "))"
      case .badRecording(let path): "\(path) does not name its provider and version"
      case .file(let error): "\(error)"
      }
    }
  }

  /// OpenTofu asks its own registry for a source without a host.
  private static let hosts = ["registry.terraform.io", "registry.opentofu.org"]

  /// - Parameters:
  ///   - folder: made where it is missing; packages of the same version are replaced.
  ///   - binary: the sandbox, which is linked where that is possible and copied otherwise.
  ///   - providerRoots: folders like `providers`, best first.
  package static func install(
    into folder: String,
    binary: String,
    providerRoots: [String]
  ) throws(Failure) -> [Package] {
    guard LocalFiles.isFile(binary) else { throw .noBinary(binary) }
    let root = LocalFiles.absolute(folder)
    var installed: [Package] = []
    // On another file system than the binary's the first is a copy, and the others are links to that.
    var binary = binary
    do {
      for recording in recordings(below: providerRoots) {
        for host in hosts {
          let package = try install(recording, host: host, into: root, binary: binary)
          binary = package.executable
          installed.append(package)
        }
      }
      guard !installed.isEmpty else { throw Failure.noRecordings(providerRoots) }
      try LocalFiles.replace("\(root)/SANDBOX.txt", with: Array(note.utf8), mode: 0o644)
      try LocalFiles.replace(cliConfiguration(in: root), with: Array(configuration(root).utf8), mode: 0o644)
    } catch let error as FileError { throw .file(error) } catch let error as Failure { throw error } catch {
      throw .badRecording("\(error)")
    }
    return installed
  }

  /// The file for `TF_CLI_CONFIG_FILE` with which Terraform uses this mirror and nothing else.
  package static func cliConfiguration(in folder: String) -> String { "\(folder)/terraform.rc" }

  /// The files that say what is played.
  package static func recordedFiles(below roots: [String]) throws(Failure) -> [String] {
    let found = recordings(below: roots)
    guard !found.isEmpty else { throw .noRecordings(roots) }
    return found.flatMap { [$0.schema, $0.facts] }
  }

  private struct Recording {
    var schema: String
    var facts: String
  }

  /// Each version once, from the first root that holds it.
  private static func recordings(below roots: [String]) -> [Recording] {
    var seen: Set<String> = []
    var found: [Recording] = []
    for root in roots {
      for name in (try? LocalFiles.list(root)) ?? [] {
        let facts = "\(root)/\(name)/sandbox.json"
        guard LocalFiles.isFile(facts) else { continue }
        for file in (try? LocalFiles.list("\(root)/\(name)/schema")) ?? []
        where file.hasSuffix(".json") && file != "additions.json" && seen.insert("\(name)/\(file)").inserted {
          found.append(Recording(schema: "\(root)/\(name)/schema/\(file)", facts: facts))
        }
      }
    }
    return found
  }

  private static func install(
    _ recording: Recording,
    host: String,
    into root: String,
    binary: String
  ) throws -> Package {
    let bytes = try LocalFiles.read(recording.schema)
    let json = try JSONValue(parsing: bytes)
    guard let source = json["provider"]?.string, let version = json["version"]?.string else {
      throw Failure.badRecording(recording.schema)
    }
    let parts = source.split(separator: "/").map(String.init)
    guard parts.count == 3 else { throw Failure.badRecording(recording.schema) }
    let address = "\(host)/\(parts[1])/\(parts[2])"
    let folder = "\(root)/\(address)/\(version)/\(platform)"
    try LocalFiles.makeFolder(folder, mode: 0o755)
    // Terraform may have an earlier one running: it is replaced, never written to in place.
    let executable = "\(folder)/terraform-provider-\(parts[2])_v\(version)"
    try LocalFiles.link(binary, as: executable, mode: 0o755)
    try LocalFiles.replace("\(folder)/schema.json", with: bytes, mode: 0o644)
    try LocalFiles.replace("\(folder)/sandbox.json", with: try LocalFiles.read(recording.facts), mode: 0o644)
    return Package(source: address, version: version, folder: folder, executable: executable)
  }

  private static let platform: String = {
    #if arch(arm64)
      "linux_arm64"
    #else
      "linux_amd64"
    #endif
  }()

  private static let note = """
    The providers in this folder are a sandbox. Each has the schema of the provider whose name it bears
    and keeps what it makes in a file (STACKJOB_SANDBOX_STATE); none of them calls a service.

    """

  private static func configuration(_ root: String) -> String {
    let path = root.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return """
      # Providers come from the sandbox in this folder, and from nowhere else.
      provider_installation {
        filesystem_mirror {
          path = "\(path)"
        }
      }

      """
  }
}
