import Digests
package import LocalFiles
import StackModel

/// Remembers what an engine's binary answered, for as long as the file stays the same one.
///
/// Asking for a version costs a process start of some 60 ms, which every command would pay.
package struct EngineCache: Sendable {
  private let path: String

  /// - Parameter home: the state home.
  package init(home: String) { path = "\(home)/cache/engines.json" }

  package func version(of binary: String) -> String? { entry(binary)?["version"]?.string }

  /// Failure to write only means that the next command asks again.
  package func store(version: String, of binary: String) {
    update(binary) { $0["version"] = .string(version) }
  }

  /// SHA-256 of the binary.
  package func digest(of binary: String) throws(FileError) -> String {
    if let known = entry(binary)?["sha256"]?.string { return known }
    let digest = try SHA256.digest(ofFile: binary)
    update(binary) { $0["sha256"] = .string(digest) }
    return digest
  }

  private func entry(_ binary: String) -> JSONValue? {
    guard let found = load()[binary], found["file"]?.string == LocalFiles.identity(of: binary) else {
      return nil
    }
    return found
  }

  private func update(_ binary: String, _ change: (inout JSONObject) -> Void) {
    guard let identity = LocalFiles.identity(of: binary) else { return }
    var all = load()
    var object = entry(binary)?.object ?? ["file": .string(identity)]
    change(&object)
    all[binary] = .object(object)
    try? LocalFiles.makeFolder(LocalFiles.parent(of: path))
    try? LocalFiles.replace(path, with: JSONValue.object(all).bytes(.pretty), durably: false)
  }

  private func load() -> JSONObject {
    LocalFiles.text(path).flatMap { try? JSONValue(parsing: $0) }?.object ?? [:]
  }
}
