package import LocalFiles
package import StackModel

/// Remembers which engine has made a stack: another one knows nothing of that, and would make all of it a second time.
package struct StackEngine {
  private let folder: StackFolder

  package init(folder: StackFolder) { self.folder = folder }

  /// The engine of the last change, or nil when none is written down. A file that cannot be read is none to pass over.
  package var known: String? {
    guard LocalFiles.exists(folder.engine) else { return nil }
    return LocalFiles.text(folder.engine).flatMap { try? JSONValue(parsing: $0) }?["engine"]?.string
      ?? "an engine that \(folder.engine) does not tell"
  }

  /// Another engine that has something of the stack, by what is written down, or by its state where nothing is: the
  /// stack is older than that, or its state was gone back to.
  package func other(than engine: EngineName) throws(FileError) -> String? {
    if let known { return known == engine.stateName ? nil : known }
    let holds =
      engine == .pulumi
      ? try StateStore(folder).holdsResources
      : try PulumiStateStore(folder, stack: folder.stack).holdsResources
    guard holds else { return nil }
    return engine == .pulumi ? EngineName.terraform.stateName : EngineName.pulumi.stateName
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
  package var stateName: String { self == .pulumi ? rawValue : EngineName.terraform.rawValue }
}

extension StateStore {
  /// A state that cannot be understood is taken for one that does.
  fileprivate var holdsResources: Bool {
    get throws(FileError) {
      guard let newest = try newest() else { return false }
      let resources = (try? JSONValue(parsing: newest.bytes))?["resources"]?.array
      return resources?.isEmpty != true
    }
  }
}
