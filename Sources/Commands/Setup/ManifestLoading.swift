import LocalFiles
import Manifests
import References
import StackModel

/// Finds the manifests that a command was given.
enum ManifestLoading {
  /// The files behind the arguments: a folder stands for the YAML and JSON files in it, in the order
  /// of their names, but not for those below its subfolders.
  static func files(_ arguments: [String]) -> Result<[String], DiagnosticFailure> {
    var files: [String] = []
    for argument in arguments {
      guard argument != "-", LocalFiles.isFolder(argument) else {
        files.append(argument)
        continue
      }
      do throws(FileError) {
        let found = try LocalFiles.list(argument).filter { name in
          [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) } && !name.hasPrefix(".")
        }
        guard !found.isEmpty else {
          return .failure(
            DiagnosticFailure(
              .error(
                "file.none",
                "the folder holds no manifest",
                at: SourceLocation(file: argument),
                hint: "manifests are files that end in .yaml, .yml or .json"
              )
            )
          )
        }
        let folder = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        files += found.map { "\(folder)/\($0)" }
      } catch {
        return .failure(
          DiagnosticFailure(
            .error("file.unreadable", "\(error.reason)", at: SourceLocation(file: argument))
          )
        )
      }
    }
    return .success(files)
  }

  /// Reads all files; problems of all are gathered.
  ///
  /// - Parameters:
  ///   - keepsSecretVariables: what plain variables take from secrets groups becomes a secret.
  ///   - resolves: whether values are put behind references, from files of groups alone.
  static func load(
    _ options: ManifestOptions,
    catalog: KindCatalog,
    keepsSecretVariables: Bool = false,
    needsImage: Bool = true,
    resolves: Bool = true
  ) -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
    let files: [String]
    switch self.files(options.files) {
    case .success(let found): files = found
    case .failure(let failure): return ([], failure.diagnostics)
    }
    var manifests: [Manifest] = []
    var diagnostics: [Diagnostic] = []
    var overrides: [Override] = []
    for text in options.set {
      let (override, problems) = Override.parse(text)
      diagnostics += problems
      if let override { overrides.append(override) }
    }
    guard !diagnostics.hasErrors else { return ([], diagnostics) }
    for file in files {
      let (found, problems) = ManifestReader.readFile(
        file,
        catalog: catalog,
        overrides: overrides,
        image: options.image,
        versionTag: options.versionTag,
        needsImage: needsImage
      )
      manifests += keepsSecretVariables ? found.map(\.keepingSecretVariables) : found
      diagnostics += problems
    }
    if resolves { diagnostics += resolve(&manifests, options.references) }
    return (manifests, diagnostics + duplicates(manifests))
  }

  /// Puts values behind the references of all manifests. Without a file of groups they stay open, for a
  /// command that needs no values.
  private static func resolve(_ manifests: inout [Manifest], _ files: [String]) -> [Diagnostic] {
    guard !files.isEmpty else { return [] }
    let (groups, problems) = ReferenceGroups.read(files)
    // What a broken document would have held is missed by every reference to it.
    guard !problems.hasErrors else { return problems }
    var diagnostics = problems
    for index in manifests.indices {
      let (manifest, problems) = manifests[index].resolving(groups)
      manifests[index] = manifest
      diagnostics += problems
    }
    return diagnostics
  }

  /// Two manifests of one stack would undo each other.
  private static func duplicates(_ manifests: [Manifest]) -> [Diagnostic] {
    var seen: [String: SourceLocation] = [:]
    return manifests.compactMap { manifest in
      let (org, env) = (manifest.org ?? StackID.unnamed, manifest.env ?? StackID.unnamed)
      let name = "\(org)/\(env)/\(manifest.kind.kind)/\(manifest.name)"
      if let first = seen[name] {
        return .error(
          "manifest.duplicate-stack",
          "\(manifest.kind.kind) `\(manifest.name)` is described twice",
          at: manifest.location,
          path: "metadata.name",
          hint: "the other one is at \(first)"
        )
      }
      seen[name] = manifest.location
      return nil
    }
  }
}
