import LocalFiles
import Testing

@testable import Deployment

@Suite struct GitBranchTests {
  struct Row: Sendable {
    var variables: [String: String]
    var found: CIBranch
  }

  @Test(arguments: [
    Row(variables: [:], found: .notCI),
    Row(variables: ["BRANCH_NAME": "main"], found: .notCI),
    Row(
      variables: ["GITHUB_ACTIONS": "true", "GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "a/b"],
      found: .branch("a/b", variable: "GITHUB_REF_NAME")
    ),
    Row(
      variables: ["GITHUB_ACTIONS": "true", "GITHUB_HEAD_REF": "fix", "GITHUB_REF_NAME": "7/merge"],
      found: .branch("fix", variable: "GITHUB_HEAD_REF")
    ),
    Row(
      variables: ["GITHUB_ACTIONS": "true", "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"],
      found: .none
    ),
    Row(
      variables: ["GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main"],
      found: .branch("main", variable: "CI_COMMIT_BRANCH")
    ),
    Row(
      variables: ["GITLAB_CI": "true", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "fix"],
      found: .branch("fix", variable: "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")
    ),
    Row(variables: ["GITLAB_CI": "true", "CI_COMMIT_TAG": "v1"], found: .none),
    Row(
      variables: ["BUILDKITE": "true", "BUILDKITE_BRANCH": "main"],
      found: .branch("main", variable: "BUILDKITE_BRANCH")
    ),
    Row(variables: ["BUILDKITE": "true", "BUILDKITE_BRANCH": "v1", "BUILDKITE_TAG": "v1"], found: .none),
    Row(
      variables: ["JENKINS_URL": "u", "BRANCH_NAME": "PR-7", "CHANGE_BRANCH": "fix"],
      found: .branch("fix", variable: "CHANGE_BRANCH")
    ),
    Row(
      variables: ["JENKINS_URL": "u", "GIT_BRANCH": "origin/a/b"],
      found: .branch("a/b", variable: "GIT_BRANCH")
    ),
    Row(variables: ["JENKINS_URL": "u", "TAG_NAME": "v1", "BRANCH_NAME": "v1"], found: .none),
    Row(
      variables: ["CIRCLECI": "true", "CIRCLE_BRANCH": "main"],
      found: .branch("main", variable: "CIRCLE_BRANCH")
    ),
    Row(variables: ["CIRCLECI": "true", "CIRCLE_TAG": "v1"], found: .none),
    Row(
      variables: ["TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/a/b"],
      found: .branch("a/b", variable: "BUILD_SOURCEBRANCH")
    ),
    Row(
      variables: [
        "TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/pull/7/merge",
        "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/fix",
      ],
      found: .branch("fix", variable: "SYSTEM_PULLREQUEST_SOURCEBRANCH")
    ),
    Row(variables: ["TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/tags/v1"], found: .none),
  ])
  func `each CI system says it in variables of its own`(_ row: Row) {
    #expect(CIBranch.find(row.variables) == row.found)
  }

  @Test func `the flag comes first, and may have git's prefix`() {
    let variables = ["CIRCLECI": "true", "CIRCLE_BRANCH": "main"]
    let branch = GitBranch.find(flag: "refs/heads/a", environment: variables, folder: "/")
    #expect(branch == GitBranch(name: "a", source: "--branch"))
  }

  @Test func `git's own files say it elsewhere, from a folder and from a work tree`() throws {
    let folder = "/tmp/stackjob-git-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(folder) }
    try LocalFiles.makeFolder("\(folder)/repository/.git/worktrees/tree")
    try LocalFiles.makeFolder("\(folder)/repository/a/b")
    try LocalFiles.makeFolder("\(folder)/tree")
    func write(_ path: String, _ text: String) throws {
      try LocalFiles.replace("\(folder)/\(path)", with: Array(text.utf8), durably: false)
    }
    func find(_ path: String) -> String? {
      GitBranch.find(flag: nil, environment: [:], folder: "\(folder)/\(path)")?.name
    }
    try write("repository/.git/HEAD", "ref: refs/heads/feature/login\n")
    #expect(find("repository/a/b") == "feature/login")
    try write("repository/.git/worktrees/tree/HEAD", "ref: refs/heads/other\n")
    try write("tree/.git", "gitdir: \(folder)/repository/.git/worktrees/tree\n")
    #expect(find("tree") == "other")
    try write("repository/.git/HEAD", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n")
    #expect(find("repository/a/b") == nil, "a detached head is no branch")
  }

  @Test func `the commit is the CI system's, else where git's head stands`() throws {
    let folder = "/tmp/stackjob-git-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(folder) }
    try LocalFiles.makeFolder("\(folder)/.git/worktrees/tree")
    try LocalFiles.makeFolder("\(folder)/.git/refs/heads")
    try LocalFiles.makeFolder("\(folder)/tree/deep")
    func write(_ path: String, _ text: String) throws {
      try LocalFiles.replace("\(folder)/\(path)", with: Array(text.utf8), durably: false)
    }
    func find(_ path: String, _ environment: [String: String] = [:]) -> String? {
      GitCommit.find(environment: environment, folder: "\(folder)/\(path)")
    }
    let (loose, packed) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
    try write(".git/HEAD", "ref: refs/heads/main\n")
    #expect(find("") == nil, "nothing is committed yet")
    try write(".git/refs/heads/main", "\(loose)\n")
    try write(".git/packed-refs", "# pack-refs with: peeled\n\(packed) refs/heads/other\n")
    #expect(find("") == loose)
    #expect(find("", ["GITHUB_ACTIONS": "true", "GITHUB_SHA": "c0ffee"]) == "c0ffee")
    try write("tree/.git", "gitdir: ../.git/worktrees/tree\n")
    try write(".git/worktrees/tree/commondir", "../..\n")
    try write(".git/worktrees/tree/HEAD", "ref: refs/heads/other\n")
    #expect(find("tree/deep") == packed)
    try write(".git/worktrees/tree/HEAD", "\(loose)\n")
    #expect(find("tree") == loose)
  }
}
