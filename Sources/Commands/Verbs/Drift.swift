import ArgumentParser
import StackModel

struct Drift: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Say what was changed behind the stack's back.",
    discussion: """
      Compares the state with the platform and changes neither.

      EXAMPLES
        stackjob drift service.yaml
        stackjob drift service.yaml --detailed-exitcode             2 when something has drifted
        stackjob drift services/ --output json
      """
  )

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "End with 2 when something has drifted, 0 when nothing has.")
  var detailedExitcode = false

  func run() async throws {
    let session = try Session.open(templates: manifests.templates, sandbox: engine.sandbox)
    var command = JobCommand(session: session, operation: .drift, engine: engine, output: output)
    command.changesExitCode = detailedExitcode
    try await command.run(try session.manifests(manifests, needsImage: false))
  }
}
