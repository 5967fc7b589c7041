/// The commit a deployment is of, for the record.
package enum GitCommit {
  /// What the CI system says, else where git's head stands; nil outside of git.
  package static func find(environment: [String: String], folder: String?) -> String? {
    let variables = [
      "GITHUB_ACTIONS": "GITHUB_SHA", "GITLAB_CI": "CI_COMMIT_SHA", "BUILDKITE": "BUILDKITE_COMMIT",
      "CIRCLECI": "CIRCLE_SHA1", "TF_BUILD": "BUILD_SOURCEVERSION", "JENKINS_URL": "GIT_COMMIT",
    ]
    for (system, variable) in variables where environment[system]?.isEmpty == false {
      if let commit = environment[variable], !commit.isEmpty { return commit }
    }
    return folder.flatMap(GitFolder.find(above:))?.commit
  }
}
