import ArgumentParser
import JobRunner
import LocalFiles
import StackModel

struct Plan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what an update would change, and change nothing.",
    discussion: """
      EXAMPLES
        stackjob plan service.yaml
        stackjob plan service.yaml --image shop/web:1.4.2 --set spec.container.replicas=3
        stackjob plan service.yaml --output markdown > plan.md      a pull-request comment
        stackjob plan service.yaml --detailed-exitcode              2 when there are changes
        stackjob plan service.yaml --out plan/                      kept, for `apply --plan plan/`
        stackjob plan --destroy service.yaml                        what a destroy would remove
        stackjob plan service.yaml --engine pulumi                  the same by Pulumi
      """
  )

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Plan the removal of everything in the stack.")
  var destroy = false

  @Flag(help: "End with 2 when the plan has changes, 0 when it has none.")
  var detailedExitcode = false

  @Flag(inversion: .prefixedNo, help: "Ask the platform what is there before planning.")
  var refresh = true

  @Option(help: ArgumentHelp("Replace this resource though it needs no change.", valueName: "address"))
  var replace: [String] = []

  @Option(
    help: ArgumentHelp("Keep the plan, its program and a digest in this folder.", valueName: "folder"),
    completion: .directory
  )
  var out: String?

  func run() async throws {
    let session = try Session.open(templates: manifests.templates, sandbox: engine.sandbox)
    let loaded =
      destroy
      ? try session.manifests(manifests, needsImage: false) : try await session.resolvedManifests(manifests)
    let folder = out.map { PlanFolder(path: $0) }
    if let folder { try check(folder, manifestCount: loaded.count) }
    var command = JobCommand(
      session: session,
      operation: destroy ? .destroyPreview : .preview,
      engine: engine,
      output: output
    )
    command.refresh = refresh
    command.replace = replace
    command.planOut = folder
    command.changesExitCode = detailedExitcode
    try await command.run(loaded)
  }

  private func check(_ folder: PlanFolder, manifestCount: Int) throws {
    guard manifestCount == 1 else { throw ValidationError("--out takes one manifest") }
    guard !folder.path.isEmpty else { throw ValidationError("--out is empty; give the name of a folder") }
    guard folder.isUsable else {
      throw ValidationError(
        "--out \(folder.path): the folder holds other things; give a new one or an earlier plan's"
      )
    }
  }
}
