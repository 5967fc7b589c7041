import LocalFiles
package import Manifests
import StackModel
import ToolProcess
import YAMLTree

#if canImport(Glibc)
  import Glibc
#endif

extension ServiceRepository {
  /// Builds every overlay, some at a time, and reads what they build to. In the order of their names.
  ///
  /// A broken one is a value with problems. Once `stops` is stopped the rest is left unbuilt.
  package func build(
    by tool: KustomizeTool,
    catalog: KindCatalog,
    stops: ChildStops,
    only names: [String]? = nil
  ) async -> [Overlay] {
    let names = names ?? overlayNames
    let root = LocalFiles.absolute(folder)
    return await withTaskGroup(of: (Int, Overlay).self) { group in
      var overlays: [Overlay?] = Array(repeating: nil, count: names.count)
      var next = 0
      func start() {
        guard next < names.count, !stops.isStopped else { return }
        let (index, name) = (next, names[next])
        next += 1
        group.addTask { (index, await build(name, root, by: tool, catalog: catalog, stops: stops)) }
      }
      for _ in 0..<Self.parallelism { start() }
      for await (index, overlay) in group {
        overlays[index] = overlay
        start()
      }
      return overlays.compactMap(\.self)
    }
  }

  /// A build keeps one core busy.
  private static var parallelism: Int { max(1, min(16, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) }

  private func build(
    _ name: String,
    _ root: String,
    by tool: KustomizeTool,
    catalog: KindCatalog,
    stops: ChildStops
  ) async -> Overlay {
    var overlay = Overlay(name: name, path: path(of: name))
    guard let file = OverlaySources.kustomization(in: overlay.path) else {
      overlay.problems.append(
        .error(
          "overlay.no-kustomization",
          "the overlay has no kustomization.yaml",
          at: SourceLocation(file: overlay.path),
          hint: "write one with `resources: [../../base]`, or remove the folder"
        )
      )
      return overlay
    }
    func fail(_ message: String) {
      let sources = OverlaySources(folder: overlay.path)
      overlay.problems.append(
        .error(
          "overlay.build",
          "kustomize cannot build the overlay: \(message)",
          at: SourceLocation(file: file),
          hint: "run it by hand: \(tool.command(overlay.path))"
        )
      )
      overlay.problems += sources.syntaxProblems
      takeFromSources(sources, &overlay)
    }
    do throws(ToolStartError) {
      guard let output = try await stops.collect(tool.build("overlays/\(name)", in: root)) else {
        return overlay
      }
      guard output.exit.isSuccess else {
        fail(KustomizeMessage.clean(output.standardError).replacing("\(root)/", with: Self.join(folder, "")))
        return overlay
      }
      overlay.manifestText = Array(output.standardOutput.utf8)
      overlay.problems += KustomizeMessage.warnings(output.standardError).map {
        .warning("overlay.kustomize", "kustomize warns: \($0)", at: SourceLocation(file: file))
      }
    } catch {
      fail("\(error)")
      return overlay
    }
    BuiltManifest.read(&overlay, catalog: catalog)
    return overlay
  }

  /// What the choice is made by, for an overlay that does not build, as its files give it.
  private func takeFromSources(_ sources: OverlaySources, _ overlay: inout Overlay) {
    overlay.kind = sources.value(FieldPath(keys: "kind"))?.string
    overlay.environment = sources.value(FieldPath(keys: "metadata", "env"))?.scalar?.text
    let label = FieldPath(keys: "metadata", "labels", BranchPattern.label)
    guard let node = sources.value(label) else { return }
    overlay.labels[BranchPattern.label] = node.isNull ? "" : node.scalar?.text
    overlay.labelLocation = sources.location(of: label)
  }
}
