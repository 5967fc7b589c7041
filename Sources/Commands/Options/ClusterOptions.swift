import ArgumentParser

/// Which cluster, for kinds that run on one.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The kubeconfig with the cluster. Default: KUBE_CONFIG_PATH or KUBECONFIG; with --context, ~/.kube/config.",
      valueName: "file"
    ),
    completion: .file()
  )
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The context of the kubeconfig. Default: its current one.", valueName: "name"))
  var context: String?

  @Flag(help: "The cluster that this runs in, by the account of its pod.")
  var inCluster = false

  @Flag(help: "Work on another cluster than the stack was last changed on.")
  var allowOtherCluster = false

  func validate() throws {
    if inCluster, kubeconfig != nil || context != nil {
      throw ValidationError("--in-cluster takes neither --kubeconfig nor --context")
    }
    if kubeconfig == "" { throw ValidationError("--kubeconfig is empty; give the path of a file") }
    if context == "" { throw ValidationError("--context is empty; give the name of a context") }
  }
}
