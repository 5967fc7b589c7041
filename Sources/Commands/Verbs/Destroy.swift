import ArgumentParser
import StackModel

struct Destroy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "destroy",
    abstract: "Remove everything that the stack holds.",
    discussion: """
      EXAMPLES
        stackjob plan --destroy service.yaml                        what would be removed
        stackjob destroy service.yaml
        stackjob destroy service.yaml --auto-approve
      """
  )

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Remove without asking.")
  var autoApprove = false

  func validate() throws { try output.requireShownPlan(autoApprove: autoApprove) }

  func run() async throws {
    let session = try Session.open(templates: manifests.templates, sandbox: engine.sandbox)
    var command = JobCommand(session: session, operation: .destroy, engine: engine, output: output)
    command.autoApprove = autoApprove
    try await command.run(try session.manifests(manifests, needsImage: false))
  }
}
