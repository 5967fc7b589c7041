import LocalFiles
import StackModel

/// Remembers which engine has made a stack: another one knows nothing of that, and would make all of it a second time.
struct StackEngine {
  let folder: StackFolder

  /// The engine of the last change, or nil when there was none. A file that cannot be read is none to pass over.
  var known: String? {
    guard LocalFiles.exists(folder.engine) else { return nil }
    return LocalFiles.text(folder.engine).flatMap { try? JSONValue(parsing: $0) }?["engine"]?.string
      ?? "an engine that \(folder.engine) does not tell"
  }

  /// Nothing of the stack is left: any engine may make it anew.
  func forget() { try? LocalFiles.remove(folder.engine) }

  func remember(_ engine: EngineName) throws(FileError) {
    guard known != engine.stateName else { return }
    let object: JSONValue = ["engine": .string(engine.stateName)]
    try LocalFiles.replace(folder.engine, with: object.bytes(.pretty))
  }
}

extension EngineName {
  /// OpenTofu goes on with what Terraform has made.
  var stateName: String { self == .pulumi ? rawValue : EngineName.terraform.rawValue }
}
