import ArgumentParser

/// Which service's repository, and what is chosen in it.
struct RepositoryOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The service's folder: it, one above or one below holds _kustomize.",
      valueName: "folder"
    ),
    completion: .directory
  )
  var folder = "."

  @Option(
    help: ArgumentHelp(
      "The branch that the label planton.ai/git-branch is compared with. Default: the CI system's, or git's.",
      valueName: "name"
    )
  )
  var branch: String?

  @Option(
    help: ArgumentHelp(
      "Only these overlays, of those without a branch label: --environments staging,prod.",
      valueName: "names"
    )
  )
  var environments: String?

  var environmentNames: [String] {
    (environments ?? "").split(separator: ",").map { name in
      String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty }
  }

  func validate() throws {
    if let branch, branch.isEmpty { throw ValidationError("--branch is empty; leave it out for none") }
    if environments != nil, environmentNames.isEmpty {
      throw ValidationError("--environments is empty; leave it out for all")
    }
  }
}
