import LocalFiles
package import StackModel

/// A service's `_kustomize` folder: a base, and one overlay for each place it is deployed to.
package struct ServiceRepository: Sendable {
  /// The `_kustomize` folder, beginning as the user gave it.
  package var folder: String
  /// The names of the folders below `overlays/`, sorted by their bytes.
  package var overlayNames: [String]
  /// What lies beside the overlays and is none; warnings.
  package var problems: [Diagnostic] = []

  package init(folder: String, overlayNames: [String]) {
    self.folder = folder
    self.overlayNames = overlayNames
  }

  package static let folderName = "_kustomize"

  package func path(of overlay: String) -> String { Self.join(folder, "overlays/\(overlay)") }

  static func join(_ folder: String, _ name: String) -> String {
    folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}

extension ServiceRepository {
  /// Finds the `_kustomize` folder that a person means by a folder: the folder itself, one in it, one beside
  /// a folder above it, or the only one somewhere below it.
  package static func find(_ argument: String) -> Result<ServiceRepository, DiagnosticFailure> {
    var start = argument.isEmpty ? "." : argument
    while start.count > 1, start.hasSuffix("/") { start.removeLast() }
    let place = SourceLocation(file: start)
    guard LocalFiles.exists(start) else {
      return .failure(DiagnosticFailure(.error("repository.missing", "there is no such folder", at: place)))
    }
    guard LocalFiles.isFolder(start) else {
      return .failure(
        DiagnosticFailure(
          .error(
            "repository.missing",
            "this is a file, not a folder",
            at: place,
            hint: "give the service's folder, the one that holds `\(folderName)`"
          )
        )
      )
    }
    if LocalFiles.name(of: LocalFiles.absolute(start)) == folderName { return open(start) }
    if let inside = inside(start) { return inside }
    if let above = above(start) { return above }
    let below = below(start, depth: searchDepth)
    if below.count == 1 { return open(below[0]) }
    let hint =
      below.isEmpty
      ? "write one with `stackjob kustomize init --new`, or give the folder that holds it"
      : "there are several below it; give one: \(below.prefix(8).joined(separator: ", "))"
    return .failure(
      DiagnosticFailure(
        .error(
          "repository.not-found",
          "there is no `\(folderName)` folder here, nor in a folder above",
          at: place,
          hint: hint
        )
      )
    )
  }

  /// How many folders deep services lie in a repository of many.
  private static let searchDepth = 5

  private static func inside(_ folder: String) -> Result<ServiceRepository, DiagnosticFailure>? {
    let path = join(folder, folderName)
    return LocalFiles.exists(path) ? open(path) : nil
  }

  /// The way up is walked on the real path, and told as the user would write it.
  private static func above(_ folder: String) -> Result<ServiceRepository, DiagnosticFailure>? {
    var real = LocalFiles.absolute(folder)
    var shown = folder.hasPrefix("/") ? real : folder == "." ? "" : folder + "/"
    while real != "/" {
      real = LocalFiles.parent(of: real)
      shown = folder.hasPrefix("/") ? real : shown + "../"
      if LocalFiles.name(of: real) == folderName {
        return open(shortened(shown.hasSuffix("/") ? String(shown.dropLast()) : shown))
      }
      let path = shown.hasSuffix("/") ? shown + folderName : "\(shown)/\(folderName)"
      if LocalFiles.exists(path) { return open(shortened(path)) }
    }
    return nil
  }

  /// Without steps down and up again, where that leads to the same folder: a link may stand between.
  private static func shortened(_ path: String) -> String {
    let short = OverlaySources.collapsed(path)
    return !short.isEmpty && LocalFiles.absolute(short) == LocalFiles.absolute(path) ? short : path
  }

  private static func below(_ folder: String, depth: Int) -> [String] {
    guard depth > 0, let names = try? LocalFiles.list(folder) else { return [] }
    return names.flatMap { name -> [String] in
      let path = join(folder, name)
      guard !name.hasPrefix("."), !skipped.contains(name), LocalFiles.isFolder(path) else { return [] }
      return name == folderName ? [path] : below(path, depth: depth - 1)
    }
  }

  /// Folders of other people's code.
  private static let skipped: Set<String> = ["node_modules", "vendor", "target", "build", "dist"]

  private static func open(_ folder: String) -> Result<ServiceRepository, DiagnosticFailure> {
    func failure(_ code: String, _ message: String, _ file: String, _ hint: String)
      -> Result<ServiceRepository, DiagnosticFailure>
    {
      .failure(DiagnosticFailure(.error(code, message, at: SourceLocation(file: file), hint: hint)))
    }
    guard LocalFiles.isFolder(folder) else {
      return failure(
        "repository.layout",
        "`\(folderName)` is a file, not a folder",
        folder,
        "it holds `base` and `overlays`; write one with `stackjob kustomize init --new`"
      )
    }
    let overlays = join(folder, "overlays")
    let form = "each folder in it is an overlay: overlays/dev/kustomization.yaml"
    guard LocalFiles.isFolder(overlays) else {
      let isThere = LocalFiles.exists(overlays)
      return failure(
        "repository.layout",
        isThere ? "`overlays` is a file, not a folder" : "the folder has no `overlays`",
        isThere ? overlays : folder,
        form
      )
    }
    let names: [String]
    do throws(FileError) {
      names = try LocalFiles.list(overlays).filter { !$0.hasPrefix(".") }
    } catch {
      return failure("file.unreadable", error.reason, overlays, "check the folder's owner and mode")
    }
    let folders = names.filter { LocalFiles.isFolder(join(overlays, $0)) }
    guard !folders.isEmpty else {
      return failure("repository.no-overlays", "the folder holds no overlay", overlays, form)
    }
    var repository = ServiceRepository(
      folder: folder,
      overlayNames: folders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    )
    repository.problems = names.filter { !folders.contains($0) && looksMeant($0) }.map { name in
      .warning(
        "repository.no-folder",
        "`\(name)` is not a folder, and so no overlay",
        at: SourceLocation(file: join(overlays, name)),
        hint: form
      )
    }
    return .success(repository)
  }

  /// A note or a script beside the overlays is nobody's mistake.
  private static func looksMeant(_ name: String) -> Bool {
    name.hasSuffix(".yaml") || name.hasSuffix(".yml") || !name.contains(".")
  }
}
