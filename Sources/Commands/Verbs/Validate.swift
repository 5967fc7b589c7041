import ArgumentParser
import Manifests
import Presentation
import StackModel

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check manifests, all problems at once; start nothing.",
    discussion: """
      EXAMPLES
        stackjob validate service.yaml
        stackjob validate services/ --output sarif > problems.sarif
        kustomize build overlays/prod | stackjob validate -
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json, sarif }

  @OptionGroup var manifests: ManifestOptions

  @Option(name: .shortAndLong, help: "text, json or sarif.")
  var output: Form = .text

  @Flag(name: .shortAndLong, help: "Say nothing when all is well.")
  var quiet = false

  func run() throws {
    let session = try Session.open(templates: manifests.templates)
    var (loaded, problems) = ManifestLoading.load(
      manifests,
      catalog: session.catalog,
      keepsSecretVariables: session.settings.keepsSecretVariables
    )
    for manifest in loaded {
      problems +=
        NormalForm.normalize(
          manifest,
          inputs: NormalFormInputs(environment: { session.environment[$0] }, resolvesSecrets: false)
        ).diagnostics
      problems += placeProblems(manifest, session)
    }
    problems = problems.inReadingOrder()
    switch output {
    case .text:
      Console.show(problems)
      if !quiet, !problems.hasErrors {
        for manifest in loaded {
          Console.print("\(manifest.file): \(manifest.kind.kind) \(manifest.name) is valid")
        }
      }
    case .json:
      Console.write(
        JSONValue.object([
          "valid": .bool(!problems.hasErrors), "manifests": .int(loaded.count),
          "diagnostics": .array(problems.map(\.json)),
        ]).bytes(.pretty)
      )
    case .sarif: Console.write(SARIF.render(problems, toolVersion: Version.text).bytes(.pretty))
    }
    if problems.hasErrors { throw StackModel.ExitCode.badData.thrown }
  }

  /// What stands against the stack's name and the place of its state, which a plan would refuse too.
  private func placeProblems(_ manifest: Manifest, _ session: Session) -> [Diagnostic] {
    let backend = JobPreparation.stack(manifest).flatMap { stack in
      BackendChoice(
        stack: stack,
        settings: session.settings,
        stateHome: session.locations.stateHome
      ).choose(manifest)
    }
    if case .failure(let failure) = backend { return failure.diagnostics }
    return []
  }
}
