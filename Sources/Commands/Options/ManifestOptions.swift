import ArgumentParser

/// Which manifests, and what is changed in them on the way in.
struct ManifestOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A manifest file, a folder of manifests, or - for standard input.",
      valueName: "file"
    ),
    completion: .file(extensions: ["yaml", "yml", "json"])
  )
  var files: [String]

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Set a field, typed as YAML: --set spec.container.replicas=3, --set 'spec.tags={team: web}'.",
      valueName: "path=value"
    )
  )
  var set: [String] = []

  @Option(help: ArgumentHelp("The container image to run.", valueName: "repo:tag"))
  var image: String?

  @Option(help: ArgumentHelp("The version to record for what is deployed.", valueName: "text"))
  var versionTag: String?

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []
}
