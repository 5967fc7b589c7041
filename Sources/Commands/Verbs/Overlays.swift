import ArgumentParser
import Deployment
import Presentation
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

struct Overlays: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlays",
    abstract: "List a service's overlays and which of them would be deployed; start nothing.",
    discussion: """
      Builds every folder of _kustomize/overlays with kustomize or kubectl, checks what comes out, and chooses: \
      `local` never; by the label planton.ai/git-branch where there is one; else by --environments; else all.

      EXAMPLES
        stackjob overlays
        stackjob overlays services/shop --branch main
        stackjob overlays --environments staging,prod --output json
        stackjob overlays --configmap shop-manifests | kubectl apply -f -
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @OptionGroup var options: RepositoryOptions

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form?

  @Option(
    help: ArgumentHelp("Print a Kubernetes ConfigMap of the built manifests instead.", valueName: "name")
  )
  var configmap: String?

  @Option(help: ArgumentHelp("The ConfigMap's namespace.", valueName: "name"))
  var namespace: String?

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []

  func validate() throws {
    if configmap != nil, output != nil {
      throw ValidationError("--configmap and --output exclude each other")
    }
    if namespace != nil, configmap == nil { throw ValidationError("--namespace belongs to --configmap") }
  }

  func run() async throws {
    let session = try Session.open(templates: templates)
    let stops = ChildStops()
    SignalWatch.start { _ in stops.stop() }
    let loaded = await RepositoryLoading.load(
      folder: options.folder,
      branch: options.branch,
      environments: options.environmentNames,
      session: session,
      stops: stops
    )
    if stops.isStopped { throw StackModel.ExitCode.cancelled.thrown }
    let loading = try Console.get(loaded)
    let overruled = ServiceRepository.overruled(options.environmentNames, in: loading.overlays)
    if let configmap {
      try printConfigMap(configmap, loading)
    } else if output == .json {
      Console.show(loading.problems + overruled)
      Console.write(JSONValue.array(loading.overlays.map(\.json)).bytes(.pretty))
    } else {
      Console.show(loading.allProblems + overruled)
      printTable(loading, session)
    }
    if loading.allProblems.hasErrors { throw StackModel.ExitCode.badData.thrown }
  }

  private func printTable(_ loading: RepositoryLoading, _ session: Session) {
    let terminal = Terminal.detect(descriptor: STDOUT_FILENO, environment: session.environment)
    let rows = loading.overlays.map { overlay in
      [
        overlay.name, overlay.environment ?? "-", overlay.kind ?? "-", overlay.isSelected ? "yes" : "no",
        overlay.reason,
      ]
    }
    let heading = ["OVERLAY", "ENVIRONMENT", "KIND", "SELECTED", "REASON"]
    for line in Columns.lines([heading] + rows, style: terminal.style) { Console.print(line) }
    if !loading.overlays.contains(where: \.isSelected) {
      Console.note("nothing is selected: nothing would be deployed\n")
    }
  }

  private func printConfigMap(_ name: String, _ loading: RepositoryLoading) throws {
    try Console.require(loading.allProblems)
    Console.write(
      try Console.get(ManifestMap.text(of: loading.overlays, name: name, namespace: namespace))
    )
  }
}
