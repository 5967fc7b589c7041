package import StackModel

/// One folder below `overlays/`: what it builds to, and whether it is to be deployed.
package struct Overlay: Sendable {
  /// The folder's name.
  package var name: String
  /// The folder's path, beginning as the user gave it.
  package var path: String
  /// `metadata.env` of what it builds to, never the folder's name. Nil when it is missing or nothing was
  /// built.
  package var environment: String?
  package var kind: String?
  /// `metadata.org` and `metadata.name` of what it builds to.
  package var org: String?
  package var resourceName: String?
  /// `metadata.labels` of what it builds to.
  package var labels: [String: String] = [:]
  /// Where the label for branches is written.
  package var labelLocation: SourceLocation?
  /// What kustomize made of it; empty when it failed.
  package var manifestText: [UInt8] = []
  /// What is wrong with it, warnings among it. As warnings unless it is selected.
  package var problems: [Diagnostic] = []
  package var isSelected = false
  /// Why it is selected or not, as a clause, for example `the label planton.ai/git-branch is dev-*`.
  package var reason = ""

  package init(name: String, path: String) {
    self.name = name
    self.path = path
  }

  /// The overlay of a developer's own machine, which is never deployed.
  package static let localName = "local"

  package var isLocal: Bool { name == Self.localName }
}

extension Overlay {
  /// As `stackjob overlays --output json` lists it; absent parts are null.
  package var json: JSONValue {
    [
      "name": .string(name),
      "environment": environment.map(JSONValue.string) ?? .null,
      "kind": kind.map(JSONValue.string) ?? .null,
      "selected": .bool(isSelected),
      "reason": .string(reason),
      "path": .string(path),
      "problems": .array(problems.map(\.json)),
    ]
  }
}
