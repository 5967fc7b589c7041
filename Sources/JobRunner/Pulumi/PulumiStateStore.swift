import Digests
import Engines
package import LocalFiles
package import StackModel

/// The states of a stack whose backend for Pulumi lies in the stack's folder: those of its history, and the one that
/// counts now.
package struct PulumiStateStore: Sendable {
  /// One state, numbered from 1 in the order in which they came to be.
  package struct Version: Sendable {
    package var number: Int
    package var path: String
    /// What `pulumi stack import` takes; nil where the file is no state.
    package var document: JSONValue?

    /// Names of resources, as a plan has them.
    package var resources: [String] {
      let all = document?["deployment"]?["resources"]?.array ?? []
      return all.compactMap { $0["urn"]?.string }
        .filter { PulumiURN.type($0) != "pulumi:pulumi:Stack" }
        .map { "\(PulumiURN.type($0)) \(PulumiURN.name($0))" }
    }
  }

  private let history: String
  private let current: String

  package init(_ folder: StackFolder, stack: StackID) {
    let name = PulumiStackName.of(stack) { SHA256.digest(of: Array($0.utf8)) }
    let root = "\(folder.pulumiBackend)/.pulumi"
    let project = PulumiStackName.project(stack)
    history = "\(root)/history/\(project)/\(name)"
    current = "\(root)/stacks/\(project)/\(name).json"
  }

  /// Whether the state that counts now has any; one that cannot be understood is taken for one that does.
  var holdsResources: Bool {
    get throws(FileError) {
      guard LocalFiles.exists(current) else { return false }
      let text = String(decoding: try LocalFiles.read(current), as: UTF8.self)
      guard let document = Self.document(text) else { return true }
      return !Version(number: 0, path: current, document: document).resources.isEmpty
    }
  }

  /// Oldest first; none where there is no stack.
  package func versions() throws(FileError) -> [Version] {
    guard LocalFiles.exists(current) else { return [] }
    let names = LocalFiles.exists(history) ? try LocalFiles.list(history) : []
    // Their names hold the time in nanoseconds, as many digits each.
    var paths = names.filter { $0.hasSuffix(".checkpoint.json") }.sorted().map { "\(history)/\($0)" }
    // An import changes the state and is in no history.
    if try paths.last.map({ last throws(FileError) in try LocalFiles.read(last) }) != LocalFiles.read(current)
    {
      paths.append(current)
    }
    var found: [Version] = []
    for path in paths {
      let text = String(decoding: try LocalFiles.read(path), as: UTF8.self)
      found.append(Version(number: found.count + 1, path: path, document: Self.document(text)))
    }
    return found
  }

  /// The backend wraps a state in a checkpoint; commands take and give it without.
  private static func document(_ text: String) -> JSONValue? {
    guard let checkpoint = try? JSONValue(parsing: text), let version = checkpoint["version"]?.int,
      let content = checkpoint["checkpoint"]?.object
    else { return nil }
    return ["version": .int(version), "deployment": content["latest"] ?? [:]]
  }
}
