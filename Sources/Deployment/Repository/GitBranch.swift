/// The branch a deployment is for.
package struct GitBranch: Sendable, Hashable {
  package var name: String
  /// Where it is known from: `--branch`, a variable of a CI system, or `git`.
  package var source: String

  package init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// The branch by what is nearest: the flag, the CI system, the repository that holds the folder.
  ///
  /// Nil for a tag, a detached head, and outside of git. A CI system that builds a tag is believed: the
  /// folder's own head is not looked at.
  package static func find(
    flag: String?,
    environment: [String: String],
    folder: String
  ) -> GitBranch? {
    if let flag { return GitBranch(name: withoutPrefix(flag), source: "--branch") }
    switch CIBranch.find(environment) {
    case .branch(let name, let variable): return GitBranch(name: name, source: variable)
    case .none: return nil
    case .notCI: break
    }
    return GitFolder.find(above: folder)?.branch.map { GitBranch(name: $0, source: "git") }
  }

  static func withoutPrefix(_ name: String) -> String {
    name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : name
  }
}

/// The branch as CI systems tell it. Of a pull request it is the branch that is to be merged.
enum CIBranch: Hashable {
  case branch(String, variable: String)
  /// A build of a tag, or of something else without a branch.
  case none
  case notCI

  static func find(_ environment: [String: String]) -> CIBranch {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    func first(_ names: String...) -> CIBranch {
      for name in names {
        guard let text = value(name) else { continue }
        return text.hasPrefix("refs/") && !text.hasPrefix("refs/heads/")
          ? .none : .branch(GitBranch.withoutPrefix(text), variable: name)
      }
      return .none
    }
    if value("GITHUB_ACTIONS") != nil {
      if value("GITHUB_HEAD_REF") != nil { return first("GITHUB_HEAD_REF") }
      return value("GITHUB_REF_TYPE") == "tag" ? .none : first("GITHUB_REF_NAME")
    }
    if value("GITLAB_CI") != nil {
      return first("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH")
    }
    if value("BUILDKITE") != nil {
      return value("BUILDKITE_TAG") != nil ? .none : first("BUILDKITE_BRANCH")
    }
    if value("CIRCLECI") != nil {
      return value("CIRCLE_TAG") != nil ? .none : first("CIRCLE_BRANCH")
    }
    if value("TF_BUILD") != nil { return first("SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH") }
    if value("JENKINS_URL") != nil {
      if value("TAG_NAME") != nil { return .none }
      if value("CHANGE_BRANCH") != nil || value("BRANCH_NAME") != nil {
        return first("CHANGE_BRANCH", "BRANCH_NAME")
      }
      // The git plugin puts the remote's name before it.
      guard case .branch(let name, let variable) = first("GIT_BRANCH") else { return .none }
      return .branch(name.hasPrefix("origin/") ? String(name.dropFirst(7)) : name, variable: variable)
    }
    return .notCI
  }
}
