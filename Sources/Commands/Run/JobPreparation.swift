import Engines
import JobRunner
import LocalFiles
import Manifests
import StackModel
import ToolProcess
import Translation

/// From a checked manifest to a job that only has to be run.
struct JobPreparation {
  let session: Session
  let operation: Operation

  struct Prepared {
    var stack: StackID
    var manifest: Manifest
    var program: Program
    var backend: StateBackend
    var provider: ProviderDefinition
    var childEnvironment: EnvironmentPolicy.Selection
    var diagnostics: [Diagnostic]
  }

  /// The manifest's program.
  ///
  /// - Parameter needsSecrets: false for operations that write no secret: nobody should need the
  ///   password of a database to remove a service.
  static func program(
    _ manifest: Manifest,
    environment: [String: String],
    needsSecrets: Bool
  ) -> Result<(program: Program, diagnostics: [Diagnostic]), DiagnosticFailure> {
    let normal = NormalForm.normalize(
      manifest,
      inputs: NormalFormInputs(environment: { environment[$0] }, resolvesSecrets: needsSecrets)
    )
    guard !normal.diagnostics.hasErrors else { return .failure(DiagnosticFailure(normal.diagnostics)) }
    do throws(FileError) {
      let template = try ModuleTemplate.read(manifest.kind)
      let program = template.program(
        values: normal.values,
        secrets: needsSecrets ? normal.secrets : placeholders(normal.values)
      )
      return .success((program, normal.diagnostics))
    } catch {
      return .failure(
        DiagnosticFailure(
          .error("kind.templates", "the kind's module cannot be read: \(error)", path: manifest.kind.kind)
        )
      )
    }
  }

  /// Something for each ephemeral variable that a module insists on; it reaches no resource.
  private static func placeholders(_ values: JSONValue) -> [String: [String: Secret]] {
    let keys = values["secrets"]?.object?.keys ?? []
    guard !keys.isEmpty else { return [:] }
    return ["secret_values": Dictionary(uniqueKeysWithValues: keys.map { ($0, Secret("-")) })]
  }

  private var needsSecrets: Bool {
    switch operation {
    case .preview, .update: true
    case .destroyPreview, .destroy, .refresh, .drift, .outputs: false
    }
  }

  func prepare(_ manifest: Manifest) -> Result<Prepared, DiagnosticFailure> {
    guard
      let stack = StackID(org: manifest.org, env: manifest.env, kind: manifest.kind.kind, name: manifest.name)
    else {
      return .failure(
        DiagnosticFailure(
          .error(
            "stack.name",
            "`\(manifest.org ?? StackID.unnamed)/\(manifest.env ?? StackID.unnamed)/\(manifest.name)` cannot name a stack",
            at: manifest.location,
            path: "metadata",
            hint: "org, env and name have letters, digits, `.`, `_` and `-`, and begin with no dot"
          )
        )
      )
    }
    let (definition, providerProblems) = ProviderDefinition.read(
      manifest.kind.provider,
      roots: session.locations.providerRoots
    )
    guard let provider = definition else { return .failure(DiagnosticFailure(providerProblems)) }
    return Self.program(
      manifest,
      environment: session.environment,
      needsSecrets: needsSecrets
    ).flatMap { built in
      BackendChoice.choose(manifest, stack: stack, settings: session.settings).map { backend in
        Prepared(
          stack: stack,
          manifest: manifest,
          program: built.program,
          backend: backend,
          provider: provider,
          childEnvironment: EngineSetup.childEnvironment(
            provider: provider,
            backend: backend,
            settings: session.settings,
            environment: session.environment
          ),
          diagnostics: built.diagnostics
        )
      }
    }
  }
}
