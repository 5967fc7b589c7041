import Engines
import JobRunner
import LocalFiles
import Manifests
import References
import StackModel
import ToolProcess
import Translation
import YAMLTree

/// From a checked manifest to a job that only has to be run.
struct JobPreparation {
  let session: Session
  let operation: Operation
  let engine: EngineName
  var cluster: ClusterOptions

  struct Prepared {
    var stack: StackID
    var manifest: Manifest
    var program: Program
    var backend: StateBackend
    var target: ProviderTarget?
    var connection: ModuleConnection?
    /// What must not be shown, beyond the program's own secrets.
    var masked: [Secret]
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
    let normal: NormalFormResult
    switch normalForm(manifest, environment: environment, needsSecrets: needsSecrets) {
    case .success(let found): normal = found
    case .failure(let failure): return .failure(failure)
    }
    do throws(FileError) {
      let template = try ModuleTemplate.read(manifest.kind)
      let program = template.program(
        values: normal.values,
        secrets: needsSecrets ? normal.secrets : placeholders(normal.secretKeys)
      )
      if let problem = tooLarge(program, at: manifest) { return .failure(DiagnosticFailure(problem)) }
      return .success((program, normal.diagnostics))
    } catch {
      return .failure(
        DiagnosticFailure(
          .error("kind.templates", "the kind's module cannot be read: \(error)", path: manifest.kind.kind)
        )
      )
    }
  }

  /// The manifest's normal form, its references resolved.
  static func normalForm(
    _ manifest: Manifest,
    environment: [String: String],
    needsSecrets: Bool
  ) -> Result<NormalFormResult, DiagnosticFailure> {
    let normal = NormalForm.normalize(
      manifest,
      inputs: NormalFormInputs(environment: { environment[$0] }, resolvesSecrets: needsSecrets)
    )
    let open = needsSecrets ? manifest.unresolvedReferences.map(unresolved) : []
    let problems = (open + normal.diagnostics).inReadingOrder()
    return problems.hasErrors ? .failure(DiagnosticFailure(problems)) : .success(normal)
  }

  /// Linux hands a program no single variable of 128 KiB or more.
  private static func tooLarge(_ program: Program, at manifest: Manifest) -> Diagnostic? {
    let limit = 128 << 10
    return program.secretEnvironment
      .first { $0.key.utf8.count + $0.value.utf8.count + 2 > limit }
      .map { name, value in
        .error(
          "secrets.too-large",
          "the secrets of the manifest are \(value.utf8.count) bytes together; \(limit >> 10) KiB are possible",
          at: manifest.location,
          path: "spec",
          hint: "put large values into Secrets Manager yourself and give their ARNs"
        )
      }
  }

  /// Something for each ephemeral value that a module insists on; it reaches no resource.
  private static func placeholders(_ keys: [String: [String]]) -> [String: [String: Secret]] {
    keys.filter { !$0.value.isEmpty }.mapValues { keys in
      Dictionary(keys.map { ($0, Secret("-")) }) { first, _ in first }
    }
  }

  private static func unresolved(_ use: ReferenceUse) -> Diagnostic {
    .error(
      "reference.unresolved",
      "`\(use.reference)` is in a \(use.reference.kind.rawValue) document, and none was given",
      at: use.location,
      path: use.path.description,
      hint: "give the file that holds it: --references FILE"
    )
  }

  private var needsSecrets: Bool {
    switch operation {
    case .preview, .update: true
    case .destroyPreview, .destroy, .refresh, .drift, .outputs: false
    }
  }

  /// The stack that a manifest describes.
  static func stack(_ manifest: Manifest) -> Result<StackID, DiagnosticFailure> {
    if let stack = StackID(
      org: manifest.org,
      env: manifest.env,
      kind: manifest.kind.kind,
      name: manifest.name
    ) {
      return .success(stack)
    }
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

  func prepare(_ manifest: Manifest) -> Result<Prepared, DiagnosticFailure> {
    let stack: StackID
    switch Self.stack(manifest) {
    case .success(let found): stack = found
    case .failure(let failure): return .failure(failure)
    }
    let (definition, providerProblems) = ProviderDefinition.read(
      manifest.kind.provider,
      roots: session.locations.providerRoots
    )
    guard let provider = definition else { return .failure(DiagnosticFailure(providerProblems)) }
    let (target, connection): (ProviderTarget?, ModuleConnection?)
    var masked = session.isSandbox ? [] : provider.secrets(in: session.environment)
    switch access(to: provider, stack: stack) {
    case .success(let found):
      (target, connection) = (found.target, found.connection)
      masked += found.secrets
    case .failure(let failure): return .failure(failure)
    }
    return program(manifest, of: stack).flatMap { built in
      backend(stack, manifest).map { backend in
        Prepared(
          stack: stack,
          manifest: manifest,
          program: built.program,
          backend: backend,
          target: target,
          connection: connection,
          masked: masked,
          childEnvironment: session.isSandbox
            ? SandboxSetup.childEnvironment(session, stack: stack)
            : EngineSetup.childEnvironment(
              engine: engine,
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

  private func program(
    _ manifest: Manifest,
    of stack: StackID
  ) -> Result<(program: Program, diagnostics: [Diagnostic]), DiagnosticFailure> {
    guard engine == .pulumi else {
      return Self.program(manifest, environment: session.environment, needsSecrets: needsSecrets)
    }
    guard !session.isSandbox else {
      return .failure(
        DiagnosticFailure(
          .error(
            "pulumi.sandbox",
            "the sandbox plays providers of Terraform, and none of Pulumi",
            hint: "--engine terraform, or leave --sandbox away"
          )
        )
      )
    }
    return Self.pulumiProgram(manifest, environment: session.environment, needsSecrets: needsSecrets)
      .map { ($0.program.program(of: stack), $0.diagnostics) }
  }

  /// A sandbox's state never leaves this machine, whoever keeps that of the real stack.
  private func backend(
    _ stack: StackID,
    _ manifest: Manifest
  ) -> Result<StateBackend, DiagnosticFailure> {
    guard !session.isSandbox else { return .success(.managed) }
    if engine == .pulumi { return PulumiBackendChoice(stack: stack, session: session).choose(manifest) }
    return BackendChoice(
      stack: stack,
      settings: session.settings,
      stateHome: session.locations.stateHome
    ).choose(manifest)
  }

  private func access(
    to provider: ProviderDefinition,
    stack: StackID
  ) -> Result<ProviderAccess, DiagnosticFailure> {
    if session.isSandbox { return .success(.sandbox(provider)) }
    // Reading the outputs asks no provider anything.
    guard operation != .outputs else { return .success(ProviderAccess()) }
    return ProviderAccess.choose(provider, stack: stack, session: session, options: cluster)
  }
}
