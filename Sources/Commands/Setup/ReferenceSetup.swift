import ClusterAccess
import CurlHTTP
import LocalFiles
import Manifests
import Platforms
import ReferenceSources
import References
import StackModel
import ToolProcess

/// The sources of references that a command has: the files it was given, then those of the settings in order.
struct ReferenceSetup {
  let session: Session

  private var environment: [String: String] { session.environment }

  /// - Parameter files: of `--references`.
  func sources(files: [String]) -> Result<[any ReferenceSource], DiagnosticFailure> {
    var sources: [any ReferenceSource] = []
    var problems: [Diagnostic] = []
    if !files.isEmpty {
      let (groups, found) = ReferenceGroups.read(files)
      problems += found
      sources.append(DocumentSource(name: files.joined(separator: ", "), groups: groups))
    }
    for rule in session.settings.references {
      switch source(rule) {
      case .success(let source): sources.append(source)
      case .failure(let failure): problems += failure.diagnostics
      }
    }
    return problems.hasErrors ? .failure(DiagnosticFailure(problems)) : .success(sources)
  }

  /// Puts values behind the references of all manifests; all that cannot be resolved is told at once.
  func resolve(
    _ manifests: [Manifest],
    files: [String]
  ) async -> (manifests: [Manifest], diagnostics: [Diagnostic]) {
    let wanted = Set(manifests.flatMap { $0.referenceUses.map(\.reference) })
    guard !wanted.isEmpty else { return (manifests, []) }
    let sources: [any ReferenceSource]
    switch self.sources(files: files) {
    case .success(let found): sources = found
    case .failure(let failure): return (manifests, failure.diagnostics)
    }
    // Without any source they stay open, and whoever needs them says so.
    guard !sources.isEmpty else { return (manifests, []) }
    let answers = await ReferenceResolver(sources: sources).resolve(wanted)
    var resolved: [Manifest] = []
    var problems: [Diagnostic] = []
    for manifest in manifests {
      let (manifest, open) = manifest.resolving { reference in
        answers[reference]?.map(\.value) ?? .failure(.notAsked(reference))
      }
      resolved.append(manifest)
      problems += open
    }
    return (resolved, problems)
  }

  // MARK: Each type

  private func source(_ rule: SourceRule) -> Result<any ReferenceSource, DiagnosticFailure> {
    func text(_ key: String) -> String? { rule.texts[key] }
    let transport: HTTPTransport = { call in Result { () throws(HTTPCall.Failure) in try call.perform() } }
    switch rule.form {
    case .files:
      let (groups, problems) = ReferenceGroups.read((rule.lists["files"] ?? []).map(rooted))
      guard !problems.hasErrors else { return .failure(DiagnosticFailure(problems)) }
      return .success(DocumentSource(name: rule.name, kinds: rule.kinds, groups: groups))
    case .directory:
      return .success(DirectorySource(name: rule.name, kinds: rule.kinds, path: rooted(text("path") ?? "")))
    case .environment:
      return .success(
        EnvironmentSource(
          name: rule.name,
          kinds: rule.kinds,
          prefix: text("prefix") ?? "",
          environment: environment
        )
      )
    case .http:
      return .success(
        HTTPSource(
          name: rule.name,
          kinds: rule.kinds,
          url: text("url") ?? "",
          tokenFile: text("tokenFile").map(rooted),
          field: text("field"),
          timeoutSeconds: rule.timeoutSeconds,
          transport: transport
        )
      )
    case .secretsManager:
      return aws(rule).map { aws in
        SecretsManagerSource(
          name: rule.name,
          kinds: rule.kinds,
          secret: text("secret") ?? "{group}/{entry}",
          key: text("key"),
          aws: aws
        )
      }
    case .parameterStore:
      return aws(rule).map { aws in
        ParameterStoreSource(
          name: rule.name,
          kinds: rule.kinds,
          parameter: text("parameter") ?? "/{group}/{entry}",
          aws: aws
        )
      }
    case .kubernetes: return kubernetes(rule)
    case .vault:
      guard let address = text("address") ?? value("VAULT_ADDR") else {
        return refused(rule, "a source of the type `vault` needs `address`", hint: "or set VAULT_ADDR")
      }
      return .success(
        VaultSource(
          name: rule.name,
          kinds: rule.kinds,
          store: VaultSource.Store(
            address: address,
            mount: text("mount") ?? "secret",
            path: text("path") ?? "{group}",
            key: text("key") ?? "{entry}",
            namespace: text("namespace") ?? value("VAULT_NAMESPACE")
          ),
          tokenFile: text("tokenFile").map(rooted),
          token: value("VAULT_TOKEN").map(Secret.init),
          timeoutSeconds: rule.timeoutSeconds,
          transport: transport
        )
      )
    case .sops, .age:
      return .success(
        EncryptedFileSource(
          name: rule.name,
          kinds: rule.kinds,
          file: rooted(text("file") ?? ""),
          form: rule.form == .sops ? .sops : .age(identity: rooted(text("identity") ?? "")),
          tool: tool(rule, allowed: rule.form == .sops ? ["SOPS_*", "AWS_*", "VAULT_*", "GNUPGHOME"] : [])
        )
      )
    case .command:
      return .success(
        CommandSource(
          name: rule.name,
          kinds: rule.kinds,
          line: rule.lists["command"] ?? [],
          missingExit: rule.missingExit,
          tool: tool(rule, allowed: [])
        )
      )
    }
  }

  private func tool(_ rule: SourceRule, allowed: [String]) -> SourceTool {
    SourceTool(
      environment: EnvironmentPolicy(
        allowed: EnvironmentPolicy.basics + allowed + (rule.lists["passEnv"] ?? []),
        reserved: []
      ).select(from: environment).variables,
      timeoutSeconds: rule.timeoutSeconds,
      workingDirectory: LocalFiles.absolute(".")
    )
  }

  private func aws(_ rule: SourceRule) -> Result<AWSClient, DiagnosticFailure> {
    AWSSetup(environment: environment, home: session.locations.home).client(region: rule.texts["region"])
      .mapError { failure in
        DiagnosticFailure(
          failure.diagnostics.map { problem in
            var problem = problem
            problem.location = problem.location ?? rule.location
            if problem.code == "status.region" { problem.hint = "set `region` of the source, or AWS_REGION" }
            return problem
          }
        )
      }
  }

  private func kubernetes(_ rule: SourceRule) -> Result<any ReferenceSource, DiagnosticFailure> {
    let file =
      rule.texts["kubeconfig"].map(rooted) ?? value("KUBECONFIG") ?? "\(session.locations.home)/.kube/config"
    do throws(PlatformFailure) {
      let cluster = try Kubectl(
        access: KubectlAccess(kubeconfig: LocalFiles.absolute(file), context: rule.texts["context"]),
        environment: EnvironmentPolicy(
          allowed: EnvironmentPolicy.basics + ["AWS_*", "GOOGLE_*", "CLOUDSDK_*", "AZURE_*"],
          reserved: []
        ).select(from: environment).variables,
        timeoutSeconds: rule.timeoutSeconds
      )
      return .success(
        KubernetesSource(
          name: rule.name,
          kinds: rule.kinds,
          namespace: rule.texts["namespace"] ?? "default",
          cluster: cluster
        )
      )
    } catch {
      return .failure(DiagnosticFailure(error.diagnostic))
    }
  }

  private func refused<Value>(
    _ rule: SourceRule,
    _ message: String,
    hint: String
  ) -> Result<Value, DiagnosticFailure> {
    .failure(DiagnosticFailure(.error("settings.value", message, at: rule.location, hint: hint)))
  }

  private func rooted(_ path: String) -> String { LocalFiles.absolute(path) }

  private func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}

extension ReferenceFailure {
  fileprivate static func notAsked(_ reference: GroupReference) -> ReferenceFailure {
    ReferenceFailure(code: "reference.unresolved", message: "`\(reference)` was not asked for")
  }
}
