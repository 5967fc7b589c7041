import Deployment
import LocalFiles
import StackModel
import ToolProcess
import YAMLTree

/// Where the overlays of a deployment come from.
struct OverlaySource {
  /// The folder that holds `_kustomize`.
  var folder: String
  var overlays: [Overlay]

  static func build(
    _ directory: String,
    branch: String?,
    environments: [String]?,
    environment: [String: String]
  ) async throws -> OverlaySource {
    let path = LocalFiles.rooted(directory)
    let folder = LocalFiles.name(of: path) == "_kustomize" ? LocalFiles.parent(of: path) : path
    let root = "\(folder)/_kustomize/overlays"
    guard LocalFiles.isFolder(root),
      let kubectl = ExecutableFinder.find("kubectl", path: environment["PATH"] ?? "")
    else {
      try Console.require([
        .error(
          "deploy.none",
          "there is no `_kustomize/overlays`, or no kubectl",
          at: SourceLocation(file: folder)
        )
      ])
      throw StackModel.ExitCode.badData.thrown
    }
    var overlays: [Overlay] = []
    for name in (try? LocalFiles.list(root)) ?? [] where LocalFiles.isFolder("\(root)/\(name)") {
      var overlay = Overlay(name: name, path: "\(root)/\(name)")
      let built = try await ToolOutput.collect(
        ToolInvocation(
          tool: "kubectl",
          version: "",
          executable: kubectl,
          arguments: ["kustomize", overlay.path],
          environment: ["PATH": environment["PATH"] ?? "", "HOME": environment["HOME"] ?? "/"],
          workingDirectory: folder
        )
      )
      if built.exit.isSuccess {
        overlay.manifestText = Array(built.standardOutput.utf8)
        let document = YAMLReader.read(overlay.manifestText, file: overlay.path).documents.first
        overlay.environment = document?["metadata"]?["env"]?.string
        overlay.kind = document?["kind"]?.string
        for entry in document?["metadata"]?["labels"]?.mapping?.entries ?? [] {
          overlay.labels[entry.key] = entry.value.scalar?.text
        }
      } else {
        overlay.problems = [
          .error("overlay.build", built.standardError, at: SourceLocation(file: overlay.path))
        ]
      }
      select(&overlay, branch: branch, environments: environments)
      overlays.append(overlay)
    }
    return OverlaySource(folder: folder, overlays: overlays)
  }

  private static func select(_ overlay: inout Overlay, branch: String?, environments: [String]?) {
    if overlay.name == "local" {
      overlay.reason = "never deployed"
    } else if let pattern = overlay.labels["planton.ai/git-branch"] {
      overlay.isSelected = branch.map { matches(Array(pattern), Array($0)) } ?? false
      overlay.reason = "branch \(branch ?? "unknown"), label \(pattern)"
    } else if let environments {
      overlay.isSelected = environments.contains(overlay.name)
      overlay.reason = "deployment_environments"
    } else {
      overlay.isSelected = true
      overlay.reason = "all are"
    }
  }

  private static func matches(_ pattern: [Character], _ text: [Character]) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = Array(pattern.dropFirst())
    if first == "*" { return (0...text.count).contains { matches(rest, Array(text[$0...])) } }
    guard let letter = text.first, first == "?" || first == letter else { return false }
    return matches(rest, Array(text.dropFirst()))
  }
}
