import Digests
import Engines
import LocalFiles
import StackModel
import Translation

/// What an earlier `init` of the very same inputs brought about, so that it need not be run again.
///
/// The inputs are all that `init` looks at: the engine, the module, the backend's configuration, the CLI
/// configuration, what the mirrors hold, and the lock file that was there before.
struct InitMemo {
  /// What `init` leaves behind.
  struct Result {
    var dependencyLock: [UInt8]
    /// `.terraform/terraform.tfstate`: which backend was configured.
    var backend: [UInt8]?
    /// The package folders by source.
    var folders: [String: String]
  }

  private let path: String
  /// Where all packages have to lie; nil for anywhere.
  private let mirrors: [String]?

  /// Nil where `init` has work that depends on more than files.
  init?(
    home: String,
    engineDigest: String,
    program: Program,
    backend: StateBackend,
    cliConfig: TerraformCLIConfig,
    dependencyLock: [UInt8]?
  ) {
    // A backend of the stack's own is asked for its state, and its credentials may have changed.
    guard case .managed = backend else { return nil }
    let module = program.files.filter { $0.path != Program.valuesFile }
    // Without a lock the newest version is taken, and only of a mirror we know which that is.
    mirrors = dependencyLock == nil ? cliConfig.mirrors.map(LocalFiles.absolute) : nil
    var inputs = [("engine", Array(engineDigest.utf8))]
    inputs += (module + [backend.file]).map { ($0.path, $0.bytes) }
    inputs += [("cli", Array(cliConfig.text.utf8)), ("lock", dependencyLock ?? [])]
    for mirror in cliConfig.mirrors {
      for provider in cliConfig.mirroredProviders[mirror] ?? [] {
        let folder = "\(mirror)/\(provider)"
        let held = ((try? LocalFiles.list(folder)) ?? []).map { version in
          let platforms = (try? LocalFiles.list("\(folder)/\(version)")) ?? []
          return "\(version) \(platforms.joined(separator: " "))"
        }
        inputs.append((folder, Array(held.joined(separator: "\n").utf8)))
      }
    }
    let hash = SHA256()
    for (name, bytes) in inputs {
      hash.update(Array("\(name)\n\(bytes.count)\n".utf8))
      hash.update(bytes)
    }
    path = "\(home)/cache/init/\(hash.finish()).json"
  }

  func read() -> Result? {
    guard let json = LocalFiles.text(path).flatMap({ try? JSONValue(parsing: $0) }),
      let lock = json["lock"]?.string, let folders = json["folders"]?.object,
      // Torn or touched: the digest is of all the rest.
      json["sha256"]?.string == Self.digest(lock, json["backend"]?.string, json["folders"])
    else { return nil }
    return Result(
      dependencyLock: Array(lock.utf8),
      backend: json["backend"]?.string.map { Array($0.utf8) },
      folders: Dictionary(
        uniqueKeysWithValues: folders.compactMap { key, value in value.string.map { (key, $0) } }
      )
    )
  }

  /// Failure to write only means that the next job runs `init`.
  func write(_ result: Result) {
    if let mirrors {
      let isHeld = result.folders.values.allSatisfy { folder in
        mirrors.contains { folder.hasPrefix("\($0)/") }
      }
      guard isHeld else { return }
    }
    let lock = String(decoding: result.dependencyLock, as: UTF8.self)
    let backend = result.backend.map { String(decoding: $0, as: UTF8.self) }
    let folders = JSONValue.object(
      JSONObject(result.folders.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    )
    let json: JSONValue = [
      "lock": .string(lock), "backend": .optional(backend), "folders": folders,
      "sha256": .string(Self.digest(lock, backend, folders)),
    ]
    let folder = LocalFiles.parent(of: path)
    try? LocalFiles.makeFolder(folder)
    try? LocalFiles.replace(path, with: json.bytes(), durably: false)
    Self.prune(folder)
  }

  func remove() { try? LocalFiles.remove(path) }

  private static let most = 200

  /// One more than there may be, and all go: they are made again in a second each.
  private static func prune(_ folder: String) {
    guard let names = try? LocalFiles.list(folder), names.count > most else { return }
    for name in names { try? LocalFiles.remove("\(folder)/\(name)") }
  }

  private static func digest(_ lock: String, _ backend: String?, _ folders: JSONValue?) -> String {
    SHA256.digest(of: JSONValue.array([.string(lock), .optional(backend), folders ?? .null]).bytes())
  }
}
