package import StackModel

/// Which overlays are deployed.
package struct OverlaySelection: Sendable, Hashable {
  /// Nil on a detached head, a tag, or outside of git.
  package var branch: String?
  /// Names of overlays; empty for all. Looked at only for overlays without a branch label.
  package var environments: [String]

  package init(branch: String?, environments: [String] = []) {
    self.branch = branch
    self.environments = environments
  }

  /// Why an overlay of that name is deployed, or is not.
  ///
  /// - Parameter label: the value of `planton.ai/git-branch`, nil when there is no such label.
  package func decide(name: String, label: String?) -> (isSelected: Bool, reason: String) {
    if name == Overlay.localName { return (false, "local is never deployed") }
    if let label {
      guard let branch else {
        return (false, "its label wants the branch `\(label)`, and no branch is known")
      }
      return BranchPattern(label).matches(branch)
        ? (true, "its label `\(label)` matches the branch `\(branch)`")
        : (false, "its label `\(label)` does not match the branch `\(branch)`")
    }
    guard !environments.isEmpty else { return (true, "no label and no list limit it") }
    return environments.contains(name)
      ? (true, "it is in the list of environments") : (false, "it is not in the list of environments")
  }
}

extension ServiceRepository {
  /// The overlays with their choice made and what follows from it: problems of one that is passed over become
  /// warnings, two that would write one stack are refused.
  package static func select(_ overlays: [Overlay], _ selection: OverlaySelection) -> [Overlay] {
    var overlays = overlays
    for index in overlays.indices {
      let label = overlays[index].labels[BranchPattern.label]
      (overlays[index].isSelected, overlays[index].reason) = selection.decide(
        name: overlays[index].name,
        label: label
      )
      checkName(&overlays[index])
      checkLabel(&overlays[index])
    }
    refuseDuplicates(&overlays)
    for index in overlays.indices where !overlays[index].isSelected {
      overlays[index].problems = overlays[index].problems.map { problem in
        // With a label that cannot be read it is not known whether the overlay was meant to be passed over.
        guard problem.severity == .error, problem.code != labelCode else { return problem }
        var problem = problem
        problem.severity = .warning
        return problem
      }
    }
    return overlays
  }

  /// Names in the list of environments that no overlay has.
  package func unknownEnvironments(_ selection: OverlaySelection) -> [Diagnostic] {
    selection.environments.filter { !overlayNames.contains($0) }.map { name in
      let nearest = Suggestion.nearest(to: name, among: overlayNames)
      return .error(
        "overlay.unknown",
        "there is no overlay `\(name)`",
        at: SourceLocation(file: Self.join(folder, "overlays")),
        hint: nearest.map { "did you mean `\($0)`?" } ?? "there are \(overlayNames.joined(separator: ", "))"
      )
    }
  }

  /// Overlays that somebody asked for by name, and whose label keeps them from being deployed.
  package static func overruled(_ names: [String], in overlays: [Overlay]) -> [Diagnostic] {
    overlays.filter { !$0.isSelected && !$0.isLocal && names.contains($0.name) }.map { overlay in
      .warning(
        "overlay.overruled",
        "`\(overlay.name)` is asked for, but \(overlay.reason)",
        at: overlay.labelLocation ?? SourceLocation(file: overlay.path),
        path: "metadata.labels.\"\(BranchPattern.label)\"",
        hint: "a label decides alone, for this overlay and for others; --branch says which branch is meant"
      )
    }
  }

  private static let labelCode = "overlay.branch-label"

  private static func checkLabel(_ overlay: inout Overlay) {
    guard !overlay.isLocal, let label = overlay.labels[BranchPattern.label],
      let flaw = BranchPattern(label).flaw
    else { return }
    overlay.problems.append(
      .error(
        labelCode,
        flaw.message,
        at: overlay.labelLocation ?? SourceLocation(file: overlay.path),
        path: "metadata.labels.\"\(BranchPattern.label)\"",
        hint: flaw.hint
      )
    )
  }

  /// A task's name becomes that of a file of ours, and a ConfigMap from anywhere may hold any key.
  private static func checkName(_ overlay: inout Overlay) {
    guard !overlay.isLocal, !StackID.isLegal(overlay.name) else { return }
    overlay.problems.append(
      .error(
        "overlay.name",
        "`\(overlay.name)` cannot name an overlay",
        at: SourceLocation(file: overlay.path),
        hint: "rename it: at most 128 letters, digits, `.`, `_` and `-`, no dot at the beginning"
      )
    )
  }

  private static func refuseDuplicates(_ overlays: inout [Overlay]) {
    var seen: [String: String] = [:]
    for index in overlays.indices where overlays[index].isSelected {
      guard let environment = overlays[index].environment, let name = overlays[index].resourceName,
        let kind = overlays[index].kind
      else { continue }
      let stack = "\(overlays[index].org ?? StackID.unnamed)/\(environment)/\(kind)/\(name)"
      guard let first = seen[stack] else {
        seen[stack] = overlays[index].path
        continue
      }
      overlays[index].problems.append(
        .error(
          "overlay.duplicate",
          "two selected overlays describe \(kind) `\(name)` in the environment `\(environment)`",
          at: SourceLocation(file: overlays[index].path),
          path: "metadata.env",
          hint: "the other one is \(first); each would undo what the other deploys"
        )
      )
    }
  }
}
