import ArgumentParser
import JobRunner
import StackModel

struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Plan, ask, and carry out that very plan.",
    discussion: """
      Asks before it changes anything, unless --auto-approve is given. Ctrl-C asks the engine to \
      stop: what is in flight is finished, the state is saved and the lock released.

      EXAMPLES
        stackjob apply service.yaml
        stackjob apply service.yaml --image shop/web:1.4.2 --auto-approve
        stackjob apply service.yaml --plan plan/                    the plan kept by `plan --out plan/`
        stackjob apply environments/dev/ --auto-approve             every manifest of a folder
      """
  )

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Apply without asking.")
  var autoApprove = false

  @Option(
    name: .customLong("plan"),
    help: ArgumentHelp(
      "Apply the plan kept in this folder, or refuse if anything has changed.",
      valueName: "folder"
    ),
    completion: .directory
  )
  var plan: String?

  @Flag(inversion: .prefixedNo, help: "Ask the platform what is there before planning.")
  var refresh = true

  @Option(help: ArgumentHelp("Replace this resource though it needs no change.", valueName: "address"))
  var replace: [String] = []

  func validate() throws { try output.requireShownPlan(autoApprove: autoApprove || plan != nil) }

  func run() async throws {
    let session = try Session.open(templates: manifests.templates, sandbox: engine.sandbox)
    let saved = plan.map { PlanFolder(path: $0) }
    // A kept plan says itself whether it updates or destroys.
    let isDestroy = saved?.readRecord()?.operation == .destroyPreview
    let loaded =
      isDestroy ? try session.manifests(manifests) : try await session.resolvedManifests(manifests)
    var command = JobCommand(
      session: session,
      operation: isDestroy ? .destroy : .update,
      engine: engine,
      output: output
    )
    command.autoApprove = autoApprove
    command.refresh = refresh
    command.replace = replace
    command.savedPlan = saved
    try await command.run(loaded)
  }
}
