import LocalFiles
import StackModel

/// Remembers what a stack was changed on, so that a wrong variable cannot make a second copy of it
/// somewhere else: there a refresh would find nothing, and the plan would create it all.
struct StackTarget {
  let folder: StackFolder

  /// The target of the last change, or nil when there was none. A file that cannot be read is none to pass over.
  var known: String? {
    guard LocalFiles.exists(folder.target) else { return nil }
    return LocalFiles.text(folder.target).flatMap { try? JSONValue(parsing: $0) }?["target"]?.string
      ?? "a cluster that \(folder.target) does not tell"
  }

  /// Nothing of the stack is left: it may be made anew anywhere.
  func forget() { try? LocalFiles.remove(folder.target) }

  func remember(_ target: ProviderTarget) throws(FileError) {
    guard known != target.target else { return }
    let object: JSONValue = ["target": .string(target.target), "context": .optional(target.context)]
    try LocalFiles.replace(folder.target, with: object.bytes(.pretty))
  }
}
