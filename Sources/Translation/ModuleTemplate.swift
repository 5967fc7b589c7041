package import LocalFiles
package import Manifests
package import StackModel

/// A kind's Terraform module as it stands in its folder, read but not yet bound to a manifest.
package struct ModuleTemplate: Sendable {
  /// A file that joins the module only when a path of the normal form holds something.
  package struct Override: Sendable, Hashable {
    package var when: String
    package var file: Program.File
    package var owned: [String]
  }

  /// The module's files, which are the same for every manifest.
  package var files: [Program.File]
  package var overrides: [Override]

  package init(files: [Program.File], overrides: [Override] = []) {
    self.files = files
    self.overrides = overrides
  }

  /// Reads `terraform/*.tf` of a kind's folder and the overrides that its `kind.yaml` names.
  package static func read(_ kind: KindDefinition) throws(FileError) -> ModuleTemplate {
    let folder = "\(kind.directory)/terraform"
    var files: [Program.File] = []
    for name in try LocalFiles.list(folder) where name.hasSuffix(".tf") {
      files.append(Program.File(path: name, bytes: try LocalFiles.read("\(folder)/\(name)")))
    }
    var overrides: [Override] = []
    for override in kind.terraformOverrides {
      let bytes = try LocalFiles.read("\(kind.directory)/\(override.file)")
      let file = Program.File(path: LocalFiles.name(of: override.file), bytes: bytes)
      overrides.append(Override(when: override.when, file: file, owned: override.owned))
    }
    return ModuleTemplate(files: files, overrides: overrides)
  }

  /// Binds the module to a manifest's normal form.
  ///
  /// The values reach the module as JSON in a variables file and in no other way: whatever text they
  /// hold, Terraform never reads it as an expression.
  package func program(values: JSONValue, secrets: [String: [String: Secret]]) -> Program {
    let joined = overrides.filter { Self.holdsSomething(values, at: $0.when) }
    let valuesFile = Program.File(path: Program.valuesFile, bytes: values.bytes(.pretty))
    return Program(
      files: files + joined.map(\.file) + [valuesFile],
      secrets: secrets,
      ownedAttributes: Set(joined.flatMap(\.owned))
    )
  }

  /// Whether a dotted path leads to something other than null, false or an empty list or object.
  static func holdsSomething(_ values: JSONValue, at path: String) -> Bool {
    let found = path.split(separator: ".").reduce(Optional(values)) { $0?[String($1)] }
    return switch found {
    case nil, .null, .bool(false): false
    case .array(let elements): !elements.isEmpty
    case .object(let object): !object.isEmpty
    default: true
    }
  }
}
