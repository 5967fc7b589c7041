import Engines
import JobRunner
import LocalFiles
import Manifests
import StackModel
import ToolProcess

/// Everything that the doctor looks at, in the order in which a job would need it.
struct Examination {
  let session: Session

  private var environment: [String: String] { session.environment }

  func run() async -> [DoctorCheck] {
    var checks = [stateHome(), settings(), kinds()]
    checks += await engines()
    checks += providers()
    checks += PulumiExamination(session: session).plugins()
    checks.append(AWSIdentity.check(environment))
    checks.append(region())
    if let refused = refused() { checks.append(refused) }
    return checks
  }

  private func stateHome() -> DoctorCheck {
    let path = session.locations.stateHome
    do throws(FileError) {
      try LocalFiles.makeFolder(path)
      let probe = "\(path)/.probe.\(Job.makeID(at: WallClock.now()))"
      try LocalFiles.create(probe, with: [])
      try LocalFiles.remove(probe)
      return DoctorCheck("state home", .ok, path)
    } catch {
      return DoctorCheck(
        "state home",
        .missing,
        "\(error)",
        advice: "set STACKJOB_STATE_HOME to a folder that can be written to"
      )
    }
  }

  private func settings() -> DoctorCheck {
    let path = session.locations.settings
    return LocalFiles.exists(path)
      ? DoctorCheck("settings", .ok, path) : DoctorCheck("settings", .ok, "none (\(path) is not there)")
  }

  private func kinds() -> DoctorCheck {
    let (kinds, problems) = session.catalog.summaries()
    if let problem = problems.first(where: { $0.severity == .error }) {
      return DoctorCheck("kinds", .missing, problem.message, advice: problem.location?.description)
    }
    let broken = kinds.compactMap { kind -> String? in
      if case .broken(let diagnostics) = session.catalog.find(kind.kind) {
        return diagnostics.first.map { "\(kind.kind): \($0.message)" }
      }
      return nil
    }
    if let first = broken.first { return DoctorCheck("kinds", .missing, first) }
    return DoctorCheck("kinds", .ok, kinds.map(\.kind).joined(separator: ", "))
  }

  private func engines() async -> [DoctorCheck] {
    let wanted = session.settings.engine ?? .terraform
    var checks: [DoctorCheck] = []
    for engine in EngineName.allCases {
      let setup = await EngineSetup.prepare(
        engine: engine,
        settings: session.settings,
        locations: session.locations,
        environment: environment
      )
      switch setup {
      case .success(let found):
        checks.append(DoctorCheck(engine.rawValue, .ok, "\(found.binary.version), \(found.binary.path)"))
      case .failure(let failure):
        let problem = failure.diagnostics.first
        checks.append(
          DoctorCheck(
            engine.rawValue,
            engine == wanted ? .missing : .notice,
            problem?.message ?? "not found",
            advice: engine == wanted ? problem?.hint : nil
          )
        )
      }
    }
    return checks
  }

  private func providers() -> [DoctorCheck] {
    let mirrors = EngineSetup.findMirrors(
      settings: session.settings,
      locations: session.locations,
      environment: environment
    )
    let names = Set(session.catalog.summaries().kinds.map(\.provider)).sorted()
    return names.map { name in
      let label = "provider \(name)"
      guard let provider = ProviderDefinition.read(name, roots: session.locations.providerRoots).provider
      else {
        return DoctorCheck(label, .missing, "providers/\(name)/provider.yaml is not there")
      }
      let versions = mirrors.versions(of: provider.source)
      guard versions.isEmpty else {
        let folders = mirrors.mirrors.filter { $0.providers.contains(provider.source) }.map(\.path)
        return DoctorCheck(
          label,
          .ok,
          "\(versions.joined(separator: ", ")) in \(folders.joined(separator: ", "))"
        )
      }
      return session.settings.allowDownload
        ? DoctorCheck(
          label,
          .notice,
          "in no mirror; \(provider.source) is downloaded when it is needed",
          advice: "to work without a network, name a mirror in STACKJOB_PROVIDER_MIRROR"
        )
        : DoctorCheck(
          label,
          .missing,
          "in no mirror, and downloading is off",
          advice: "make one with `terraform providers mirror` and name it in STACKJOB_PROVIDER_MIRROR"
        )
    }
  }

  private func region() -> DoctorCheck {
    if let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] {
      return DoctorCheck("AWS region", .ok, region)
    }
    return DoctorCheck(
      "AWS region",
      .notice,
      "none in the environment",
      advice: "manifests without `region` need AWS_REGION"
    )
  }

  private func refused() -> DoctorCheck? {
    let reserved = TerraformEnvironment.reserved + PulumiEnvironment.reserved
    let names = EnvironmentPolicy(allowed: [], reserved: reserved)
      .select(from: environment).refused
    guard !names.isEmpty else { return nil }
    return DoctorCheck(
      "environment",
      .notice,
      "not passed on: \(names.joined(separator: ", "))",
      advice: "these would change a run without the job knowing"
    )
  }
}
