import ArgumentParser
import StackModel

struct Refresh: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh",
    abstract: "Bring the state up to what is really there, changing no resource.",
    discussion: """
      EXAMPLES
        stackjob drift service.yaml                                 what a refresh would bring in
        stackjob refresh service.yaml
      """
  )

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let session = try Session.open(templates: manifests.templates, sandbox: engine.sandbox)
    var command = JobCommand(session: session, operation: .refresh, engine: engine, output: output)
    // Nothing but the state changes, and its earlier version is kept.
    command.autoApprove = true
    try await command.run(try session.manifests(manifests, needsImage: false))
  }
}
