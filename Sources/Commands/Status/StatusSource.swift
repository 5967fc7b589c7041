import ClusterAccess
import JobRunner
import LocalFiles
import Manifests
import Platforms
import StackModel
import ToolProcess

/// Who knows how a manifest's service is doing, and how to ask.
struct StatusSource: Sendable {
  /// - Throws: nothing; a platform that cannot be asked is a result.
  var ask: @Sendable () async -> Result<ServiceStatus, PlatformFailure>
  /// How long to wait between two looks.
  var interval: Duration
  /// Ends what is being asked and removes what it took to ask.
  var close: @Sendable () -> Void

  /// - Parameter kubeconfig: of a cluster that is chosen already.
  static func find(
    _ manifest: Manifest,
    session: Session,
    stack: StackID,
    options: ClusterOptions,
    kubeconfig: JSONValue? = nil
  ) -> Result<StatusSource, DiagnosticFailure> {
    let normal = NormalForm.normalize(
      manifest,
      inputs: NormalFormInputs(environment: { session.environment[$0] }, resolvesSecrets: false)
    )
    if normal.diagnostics.hasErrors { return .failure(DiagnosticFailure(normal.diagnostics)) }
    switch manifest.kind.kind {
    case MicroserviceKubernetes.kind:
      guard let service = KubernetesService(normalForm: normal.values) else { break }
      return kubernetes(service, manifest, session, stack, options, kubeconfig)
    case AwsEcsService.kind:
      guard let address = EcsServiceAddress(normalForm: normal.values) else { break }
      return ecs(address, session)
    default: break
    }
    return .failure(
      DiagnosticFailure(
        .error(
          "status.kind",
          "stackjob does not know where services of the kind \(manifest.kind.kind) run",
          at: manifest.location,
          path: "kind",
          hint: "it can ask about \(AwsEcsService.kind) and \(MicroserviceKubernetes.kind)"
        )
      )
    )
  }

  // MARK: Kubernetes

  private static func kubernetes(
    _ service: KubernetesService,
    _ manifest: Manifest,
    _ session: Session,
    _ stack: StackID,
    _ options: ClusterOptions,
    _ kubeconfig: JSONValue?
  ) -> Result<StatusSource, DiagnosticFailure> {
    let (definition, problems) = ProviderDefinition.read(
      manifest.kind.provider,
      roots: session.locations.providerRoots
    )
    guard let provider = definition else { return .failure(DiagnosticFailure(problems)) }
    let allowed =
      EnvironmentPolicy.basics + provider.environment.map(\.name) + session.settings.passEnvironment
    let variables = EnvironmentPolicy(allowed: allowed, reserved: provider.connection?.variables ?? [])
      .select(from: session.environment)
      .variables
    if let kubeconfig { return ask(service, of: kubeconfig, variables) }
    guard let described = provider.connection else {
      return .failure(
        DiagnosticFailure(
          .error("cluster.none", "the provider \(provider.name) describes no connection to a cluster")
        )
      )
    }
    return ProviderAccess.cluster(described, stack: stack, session: session, options: options).flatMap {
      ask(service, of: $0.kubeconfig, variables)
    }
  }

  private static func ask(
    _ service: KubernetesService,
    of kubeconfig: JSONValue,
    _ variables: [String: String]
  ) -> Result<StatusSource, DiagnosticFailure> {
    let file: KubeconfigFile
    do throws(FileError) {
      file = try KubeconfigFile(
        kubeconfig,
        context: ClusterConnection.context,
        below: variables["TMPDIR"] ?? "/tmp"
      )
    } catch {
      return .failure(
        DiagnosticFailure(.error("file.unreadable", "the kubeconfig cannot be written: \(error)"))
      )
    }
    do throws(PlatformFailure) {
      let kubectl = try Kubectl(access: file.access, environment: variables)
      let status = KubernetesStatus(service, api: kubectl)
      return .success(
        StatusSource(
          ask: {
            await answer { () async throws(PlatformFailure) in try await status.fetch(at: WallClock.now()) }
          },
          interval: .seconds(2),
          close: {
            kubectl.close()
            file.remove()
          }
        )
      )
    } catch {
      file.remove()
      return .failure(DiagnosticFailure(error.diagnostic))
    }
  }

  // MARK: ECS

  private static func ecs(
    _ address: EcsServiceAddress,
    _ session: Session
  ) -> Result<StatusSource, DiagnosticFailure> {
    AWSSetup(environment: session.environment, home: session.locations.home).client(region: address.region)
      .map { client in
        let status = EcsStatus(address, api: client)
        return StatusSource(
          ask: {
            await answer { () async throws(PlatformFailure) in try await status.fetch(at: WallClock.now()) }
          },
          interval: .seconds(3),
          close: {}
        )
      }
  }

  private static func answer(
    _ fetch: () async throws(PlatformFailure) -> ServiceStatus
  ) async -> Result<ServiceStatus, PlatformFailure> {
    do throws(PlatformFailure) {
      return .success(try await fetch())
    } catch {
      return .failure(error)
    }
  }
}
