import Engines
import JobRunner
import LocalFiles
import Manifests
import ProviderHost
import StackModel
import ToolProcess

/// Everything about the engine that jobs share: which binary, where its providers come from, what it
/// may see of our environment.
struct EngineSetup: Sendable {
  /// Where an engine's providers come from.
  enum Providers: Sendable {
    case terraform(TerraformCLIConfig)
    case pulumi(PulumiTools)
  }

  var binary: EngineBinary
  var providers: Providers

  /// The engine as one job uses it.
  ///
  /// - Parameter spares: where started providers may be had.
  func tools(_ options: EngineOptions, _ settings: Settings, spares: SpareSource? = nil) -> EngineTools {
    switch providers {
    case .terraform(let cliConfig):
      .terraform(
        TerraformTools(
          cliConfig: cliConfig,
          providers: options.providers ?? settings.providers ?? .accelerated,
          spares: spares,
          logLevel: options.engineLog
        )
      )
    case .pulumi(let tools): .pulumi(tools)
    }
  }

  static func prepare(
    engine: EngineName,
    settings: Settings,
    locations: Locations,
    environment: [String: String],
    sandboxMirror: String? = nil,
    stop: StopSwitch = StopSwitch()
  ) async -> Result<EngineSetup, DiagnosticFailure> {
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let cache = EngineCache(home: locations.stateHome)
    let binary: EngineBinary
    if let file = ExecutableFinder.find(engine.rawValue, path: path), let version = cache.version(of: file),
      engine.supports(version)
    {
      binary = EngineBinary(name: engine, path: file, version: version)
    } else {
      do throws(EngineBinary.Problem) {
        let basics = EnvironmentPolicy(allowed: EnvironmentPolicy.basics, reserved: [])
        binary = try await EngineBinary.find(
          engine,
          path: path,
          environment: basics.select(from: environment).variables,
          stop: stop
        )
        cache.store(version: binary.version, of: binary.path)
      } catch {
        return .failure(DiagnosticFailure(error.diagnostic))
      }
    }
    if engine == .pulumi {
      let tools = PulumiTools(
        home: "\(locations.stateHome)/cache/pulumi",
        plugins: settings.pulumi.plugins.map(LocalFiles.absolute),
        allowsDownload: settings.pulumi.allowsPluginDownload
      )
      return .success(EngineSetup(binary: binary, providers: .pulumi(tools)))
    }
    let mirrors =
      sandboxMirror.map { ProviderMirrors.find(configured: [$0], home: locations.home, dataHome: nil) }
      ?? findMirrors(settings: settings, locations: locations, environment: environment)
    return .success(
      EngineSetup(
        binary: binary,
        providers: .terraform(
          mirrors.cliConfig(
            pluginCache: sandboxMirror == nil ? settings.pluginCache : nil,
            allowsDownload: sandboxMirror == nil && settings.allowDownload
          )
        )
      )
    )
  }

  static func findMirrors(
    settings: Settings,
    locations: Locations,
    environment: [String: String]
  ) -> ProviderMirrors {
    let named = (environment["STACKJOB_PROVIDER_MIRROR"] ?? "").split(separator: ":").map(String.init)
    return ProviderMirrors.find(
      configured: named + settings.providerMirrors,
      home: locations.home,
      dataHome: locations.dataHome
    )
  }

  /// The part of our environment that the engine gets for one job.
  static func childEnvironment(
    engine: EngineName = .terraform,
    provider: ProviderDefinition,
    backend: StateBackend,
    settings: Settings,
    environment: [String: String]
  ) -> EnvironmentPolicy.Selection {
    var allowed = EnvironmentPolicy.basics + provider.environment.map(\.name) + settings.passEnvironment
    var reserved = engine == .pulumi ? PulumiEnvironment.reserved : TerraformEnvironment.reserved
    if case .external(let type, _) = backend {
      allowed += BackendType.environment(type)
      // A stack's own http backend is the one case in which these are the user's to set.
      if type == "http" { reserved = TerraformEnvironment.reservedExceptHTTP(in: environment) }
    }
    if case .pulumi(let state) = backend {
      allowed += PulumiBackendEnvironment.names(state)
      if state.backend.isService {
        reserved = environment.keys.filter { $0.hasPrefix("PULUMI_") && $0 != "PULUMI_ACCESS_TOKEN" }
      }
    }
    // What would lead the provider to another cluster than the one that the job names.
    let leading = provider.connection?.variables ?? []
    var selection = EnvironmentPolicy(allowed: allowed, reserved: reserved + leading).select(
      from: environment
    )
    // To have them set is no mistake: they are where the job's own cluster may come from.
    selection.refused.removeAll {
      leading.contains($0) && !EnvironmentPolicy.matches($0, settings.passEnvironment)
    }
    return selection
  }

  /// The backend's credentials, which must not be shown.
  static func secrets(of backend: StateBackend, in environment: [String: String]) -> [Secret] {
    if case .pulumi(let state) = backend {
      return PulumiBackendEnvironment.secrets(state, in: environment)
    }
    guard case .external(let type, let configuration) = backend else { return [] }
    return BackendType.secrets(type).compactMap { environment[$0].map(Secret.init) }
      + secretSettings(in: configuration)
  }

  private static func secretSettings(in configuration: JSONValue) -> [Secret] {
    (configuration.object ?? [:]).flatMap { name, value in
      if BackendType.secretSettings.contains(name), let text = value.string { return [Secret(text)] }
      return secretSettings(in: value)
    }
  }
}

extension EngineBinary.Problem {
  var diagnostic: Diagnostic {
    switch self {
    case .notFound(let name):
      .error(
        "engine.missing",
        "`\(name)` is not on the PATH",
        hint: name == EngineName.pulumi.rawValue
          ? "install Pulumi \(EngineName.pulumi.range), as https://www.pulumi.com/docs/install says, or choose another with --engine"
          : "install \(name) \(EngineName(rawValue: name)?.minimumVersion ?? "") or later, or choose another with --engine"
      )
    case .unusable(let path, let reason):
      .error("engine.unusable", "\(path) cannot be used: \(reason)", hint: "run it by hand: \(path) version")
    case .unsupported(let name, let path, let version)
    where EngineBinary.isAtLeast(name.minimumVersion, version):
      .error(
        "engine.too-new",
        "\(path) is version \(version); \(name.range) is needed",
        hint: "what a new major version says and does is not known yet"
      )
    case .unsupported(let name, let path, let version):
      .error(
        "engine.too-old",
        "\(path) is version \(version); \(name.range) is needed",
        hint: name == .pulumi
          ? "what older versions say and do was not looked at" : "older versions write secrets into the state"
      )
    }
  }
}
