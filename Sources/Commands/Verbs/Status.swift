import ArgumentParser
import Manifests
import StackModel

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Ask the platform how the service is doing.",
    discussion: """
      Asks Kubernetes by kubectl, ECS by its API; the state is not looked at. Ends with 0 when the service is \
      rolled out and all of it is ready, with 1 when it is not.

      EXAMPLES
        stackjob status service.yaml
        stackjob status service.yaml --watch                until Ctrl-C
        stackjob status service.yaml --until-ready          until ready or failed
        stackjob status service.yaml --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @OptionGroup var manifests: ManifestOptions

  @Flag(
    name: .shortAndLong,
    help: "Look again and again: drawn anew at a terminal, a line for each change elsewhere."
  )
  var watch = false

  @Flag(help: "Watch until the service is healthy (0) or its roll-out has failed (1).")
  var untilReady = false

  @Option(
    help: ArgumentHelp("End after so long. Default: 30 for one look, none for a watch.", valueName: "seconds")
  )
  var timeout: Int?

  @Option(name: .shortAndLong, help: "text or json; with --watch one JSON document a line.")
  var output: Form = .text

  @OptionGroup var cluster: ClusterOptions

  func validate() throws {
    Console.tellDocument(output == .json)
    if let timeout, timeout < 1 { throw ValidationError("--timeout is a whole number of seconds from 1") }
  }

  func run() async throws {
    let session = try Session.open(templates: manifests.templates)
    let loaded = try session.manifests(manifests, needsImage: false)
    guard loaded.count == 1, let manifest = loaded.first else {
      throw ValidationError("status takes one manifest")
    }
    let stack = try Console.get(JobPreparation.stack(manifest))
    let source = try Console.get(
      StatusSource.find(manifest, session: session, stack: stack, options: cluster)
    )
    let watching = watch || untilReady
    let code = await StatusWatch(
      ask: source.ask,
      interval: source.interval,
      reporter: StatusReporter(
        stack: stack,
        form: output,
        watching: watching,
        environment: session.environment
      ),
      watching: watching,
      untilReady: untilReady,
      timeoutSeconds: timeout ?? (watching ? nil : 30)
    ).run()
    source.close()
    if code != .done { throw code.thrown }
  }
}
