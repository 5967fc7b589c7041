import ArgumentParser

/// What is deployed with what, beside the repository.
struct DeploymentOptions: ParsableArguments {
  @OptionGroup var repository: RepositoryOptions

  @Option(
    help: ArgumentHelp(
      "Take the built manifests from a ConfigMap instead: a file, - for standard input, or its name in the cluster.",
      valueName: "source"
    ),
    completion: .file(extensions: ["yaml", "yml", "json"])
  )
  var fromConfigmap: String?

  @Option(help: ArgumentHelp("The ConfigMap's namespace in the cluster.", valueName: "name"))
  var namespace: String?

  @Option(help: ArgumentHelp("The container image to run.", valueName: "repo:tag"))
  var image: String?

  @Option(help: ArgumentHelp("The version to record for what is deployed.", valueName: "text"))
  var versionTag: String?

  @Option(
    help: ArgumentHelp(
      "The pipeline file. Default: stackjob.yaml beside `_kustomize`, if there is one.",
      valueName: "file"
    ),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var pipeline: String?

  @Option(
    help: ArgumentHelp(
      "Groups that $variables-group/... and $secrets-group/... are looked up in; may be repeated.",
      valueName: "file"
    ),
    completion: .file(extensions: ["yaml", "yml", "json"])
  )
  var references: [String] = []

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []

  var inputs: RunPreparation.Inputs {
    RunPreparation.Inputs(image: image, versionTag: versionTag, references: references, templates: templates)
  }

  func validate() throws {
    if namespace != nil, fromConfigmap == nil {
      throw ValidationError("--namespace belongs to --from-configmap")
    }
    if fromConfigmap != nil, repository.folder != "." {
      throw ValidationError("--from-configmap takes the place of the folder")
    }
  }
}
