import ArgumentParser

/// Which overlays are deployed, and with what.
struct DeploymentOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The folder that holds `_kustomize`. Default: the current one.", valueName: "dir"),
    completion: .directory
  )
  var directory = "."

  @Option(help: ArgumentHelp("The branch that labels of overlays are held against.", valueName: "name"))
  var branch: String?

  @Option(
    help: ArgumentHelp("Only these overlays, by folder name, of those that are selected.", valueName: "a,b")
  )
  var environments: String?

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

  /// The names of `--environments`.
  var names: [String]? {
    environments.map { $0.split(separator: ",").map { String($0.filter { $0 != " " }) } }
  }

  var inputs: RunPreparation.Inputs {
    RunPreparation.Inputs(image: image, versionTag: versionTag, references: references, templates: templates)
  }
}
