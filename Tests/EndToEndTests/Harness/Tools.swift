import Engines
import LocalFiles
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// The real tools that end-to-end tests need.
enum Tools {
  /// Why the tests cannot run here, or nil.
  static let missing: String? = {
    var reasons: [String] = []
    if ExecutableFinder.find("terraform", path: Project.path) == nil { reasons.append("terraform") }
    if !LocalFiles.isFile("\(Project.root)/.venv/bin/python") { reasons.append("the Python environment") }
    return reasons.isEmpty ? nil : "missing: \(reasons.joined(separator: ", ")); run scripts/bootstrap --test"
  }()

  static let hasAge = ExecutableFinder.find("age", path: Project.path) != nil

  static let hasKubectl =
    ExecutableFinder.find("kubectl", path: Project.path) != nil
    && LocalFiles.isFile("\(Project.root)/.venv/bin/python")
}

extension Trait where Self == ConditionTrait {
  /// Skips a test by name where a tool is missing, but never in CI: there it runs and fails.
  static var needsTools: Self {
    .enabled(if: Tools.missing == nil || Project.isCI, "needs terraform and the local AWS")
  }

  /// Likewise for what decrypts files.
  static var needsAge: Self { .enabled(if: Tools.hasAge || Project.isCI, "needs age") }

  /// Likewise for what asks a cluster.
  static var needsKubectl: Self {
    .enabled(if: Tools.hasKubectl || Project.isCI, "needs kubectl and the Python environment")
  }
}
