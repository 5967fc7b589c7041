import Engines
import LocalFiles
import ProviderHost
import StackModel
import Synchronization
import Translation

/// How one job's engine gets at its providers: through our host while all is well, by itself otherwise.
///
/// A doubt never ends a job. What it costs is time: the job goes on as it would without us, and says why.
final class ProviderRoute: Sendable {
  private struct State {
    var host: ProviderHost?
    /// What went wrong in the host since it was started.
    var trouble: String?
    /// Whether `init` was skipped, so that it has to be run before the engine can do without us.
    var skippedInit = false
    var isPlain = false
    var memo: InitMemo?
    var installed: InstalledProviders?
  }

  private let job: Job
  private let context: JobContext
  private let tools: TerraformTools
  private let workspace: Workspace
  private let environment: [String: String]
  private let states: StateStore
  /// Takes a line that belongs to the engine's own output.
  private let say: @Sendable (String) -> Void
  private let state: Mutex<State>

  init(
    job: Job,
    context: JobContext,
    tools: TerraformTools,
    workspace: Workspace,
    environment: [String: String],
    states: StateStore,
    say: @escaping @Sendable (String) -> Void
  ) {
    self.job = job
    self.context = context
    self.tools = tools
    self.workspace = workspace
    self.environment = environment
    self.states = states
    self.say = say
    state = Mutex(
      State(
        // Outputs need no provider; and who asks for the engine's own log wants to see all of it.
        isPlain: tools.providers == .plain || tools.logLevel != nil
          || job.flow.operation == .outputs
      )
    )
  }

  var isServing: Bool { state.withLock { $0.host != nil } }

  /// What the engine's environment has on top.
  var variables: [String: String] {
    state.withLock { $0.host.map { ["TF_REATTACH_PROVIDERS": $0.reattach] } ?? [:] }
  }

  // MARK: Init

  /// Puts in place what `init` would, where that is known.
  func prepareInit() async -> Bool {
    let before = try? LocalFiles.read(workspace.dependencyLock)
    guard !state.withLock({ $0.isPlain }), let memo = memo(before) else { return false }
    state.withLock { $0.memo = memo }
    guard let known = memo.read() else { return false }
    do throws(FileError) {
      try LocalFiles.replace(workspace.dependencyLock, with: known.dependencyLock, durably: false)
      if let backend = known.backend {
        try LocalFiles.makeFolder("\(workspace.path)/.terraform")
        try LocalFiles.replace(workspace.backendRecord, with: backend, durably: false)
      }
    } catch {
      return false
    }
    guard case .serving = await serve(folders: known.folders) else {
      // What was put there is not what an `init` expects to find.
      memo.remove()
      try? LocalFiles.removeTree("\(workspace.path)/.terraform")
      try? LocalFiles.remove(workspace.dependencyLock)
      if let before { try? LocalFiles.create(workspace.dependencyLock, with: before, durably: false) }
      return false
    }
    state.withLock { $0.skippedInit = true }
    return true
  }

  /// Takes over after an `init` that was run.
  ///
  /// - Returns: what is to be told; a message of severity error ends the job.
  func takeOver() async -> EngineDiagnostic? {
    guard !state.withLock({ $0.isPlain }) else { return nil }
    switch await serve(folders: [:]) {
    case .serving(let installed):
      // Modules that were fetched are no part of what is remembered.
      if let memo = state.withLock({ $0.memo }), !LocalFiles.isFolder("\(workspace.path)/.terraform/modules"),
        let folders = installed.lastingFolders(outside: workspace)
      {
        let backend = try? LocalFiles.read(workspace.backendRecord)
        if let lock = try? LocalFiles.read(workspace.dependencyLock) {
          memo.write(InitMemo.Result(dependencyLock: lock, backend: backend, folders: folders))
        }
      }
      return nil
    case .mismatch(let messages): return Self.error(messages)
    case .plain(let reason):
      state.withLock { $0.isPlain = true }
      return reason.map(Self.note)
    }
  }

  private func memo(_ before: [UInt8]?) -> InitMemo? {
    guard let digest = try? EngineCache(home: context.stateHome).digest(of: context.engine.path) else {
      return nil
    }
    return InitMemo(
      home: context.stateHome,
      engineDigest: digest,
      program: job.program,
      backend: job.backend,
      cliConfig: tools.cliConfig,
      dependencyLock: before
    )
  }

  // MARK: Serving

  private enum Served {
    case serving(InstalledProviders)
    case mismatch([String])
    /// The reason, where there is something to tell.
    case plain(String?)
  }

  private func serve(folders: [String: String]) async -> Served {
    do {
      let installed = try InstalledProviders(workspace: workspace, folders: folders)
      guard !installed.packages.isEmpty else { return .plain(nil) }
      let cache = try ProviderCache(folder: cacheFolder)
      let checked = try installed.verify(FileDigests(cache: cache))
      if let reason = checked.notVerifiable { return .plain(reason) }
      guard checked.mismatches.isEmpty else { return .mismatch(checked.mismatches) }
      let providers = checked.providers
      let host = try await ProviderHost.start(
        providers: providers,
        environment: environment,
        workingDirectory: workspace.path,
        cache: cache,
        spares: tools.spares,
        keep: typesInUse(),
        folder: environment["TMPDIR"] ?? "/tmp",
        report: { [weak self] in self?.hear($0) }
      )
      state.withLock { state in
        state.host = host
        state.installed = installed
      }
      return .serving(installed)
    } catch {
      return .plain("\(error)")
    }
  }

  private var cacheFolder: String { "\(context.stateHome)/cache/providers" }

  /// Checks the packages once more before they are to change something: a person may have taken an hour to decide.
  ///
  /// - Returns: why nothing may be applied.
  func problemBeforeApply() -> EngineDiagnostic? {
    guard let installed = state.withLock({ $0.host == nil ? nil : $0.installed }) else { return nil }
    do {
      let mismatches = try installed.verify(FileDigests(cache: ProviderCache(folder: cacheFolder))).mismatches
      return mismatches.isEmpty ? nil : Self.error(mismatches)
    } catch {
      return EngineDiagnostic(severity: .error, summary: "A provider cannot be checked", detail: "\(error)")
    }
  }

  private static func error(_ mismatches: [String]) -> EngineDiagnostic {
    let error = ProviderVerification.Result.terraformError(for: mismatches)
    return EngineDiagnostic(severity: .error, summary: error.summary, detail: error.detail)
  }

  /// Nil for all: where the state is not ours to read, or modules bring types that we have not seen.
  private func typesInUse() -> Set<String>? {
    guard case .managed = job.backend, !LocalFiles.isFolder("\(workspace.path)/.terraform/modules"),
      let bytes = try? states.newest()?.bytes ?? []
    else { return nil }
    return TypesInUse.words(in: job.program.files.map(\.bytes) + [bytes])
  }

  private func hear(_ event: HostEvent) {
    switch event {
    case .trouble(let source, let failure):
      state.withLock { $0.trouble = $0.trouble ?? "\(source): \(Self.clipped("\(failure)"))" }
    // Terraform, whose child it is not, has nothing of it and says that the logs may tell more.
    case .providerCrashed(_, _, _, let words):
      for line in words.split(separator: "\n").prefix(Self.mostCrashLines) { say(String(line)) }
    case .providerStarted, .providerEnded: break
    }
  }

  private static let mostCrashLines = 60

  private static func clipped(_ text: String) -> String {
    text.count > 2000 ? "\(text.prefix(2000))…" : text
  }

  /// Has a provider started by the time the engine wants to configure it.
  func expectConfigure() { state.withLock { $0.host }?.prestart() }

  /// What the plan file says, if it can be read without the engine.
  func readPlan(_ path: String) async -> JSONValue? {
    guard let host = state.withLock({ $0.host }), let bytes = try? LocalFiles.read(path) else { return nil }
    return try? TerraformPlanFile.read(bytes, schemas: await host.schemas())
  }

  // MARK: Falling back

  /// Why a failed command is to be run again without us; nil when it failed by itself, or has begun to change
  /// something.
  func reasonToFallBack(_ diagnostics: [EngineDiagnostic]) -> String? {
    let (host, trouble) = state.withLock { ($0.host, $0.trouble) }
    guard let host, host.statistics.changes == 0 else { return nil }
    if let trouble { return trouble }
    let missing = diagnostics.first { diagnostic in
      Self.prunedPhrases.contains { "\(diagnostic.summary) \(diagnostic.detail)".contains($0) }
    }
    return missing.map { "a type is not among those that were looked for: \($0.summary)" }
  }

  /// What Terraform says of a type that its provider's schema lacks.
  private static let prunedPhrases = [
    "no schema available", "does not support resource type", "does not support data source",
    "does not support ephemeral resource", "no schema for",
  ]

  /// - Returns: whether `init` has to be run before the command.
  func fallBack() async -> Bool {
    await stop()
    return state.withLock { state in
      defer { state.skippedInit = false }
      state.isPlain = true
      return state.skippedInit
    }
  }

  static func note(_ reason: String) -> EngineDiagnostic {
    EngineDiagnostic(
      severity: .warning,
      summary: "Providers are run by the engine itself, which takes longer",
      detail:
        "The quick way is not open: \(reason). Nothing else is different. `--providers plain` says so beforehand."
    )
  }

  /// Ends all providers. Call it once the engine is gone.
  func stop() async {
    let host = state.withLock { state in
      defer { state.host = nil }
      return state.host
    }
    await host?.stop()
  }
}
