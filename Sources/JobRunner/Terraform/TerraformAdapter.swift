import Engines
import LocalFiles
import StackModel
import ToolProcess
import Translation

/// What Terraform and OpenTofu need around a job: a workspace, the state's server, a way to providers.
struct TerraformAdapter: EngineAdapter {
  let session: EngineSession
  let tools: TerraformTools

  var job: Job { session.job }
  var context: JobContext { session.context }
  var folder: StackFolder { session.folder }
  var journal: Journal { session.journal }
  var workspace: Workspace { Workspace(path: session.files.workspace) }

  func recover(into outcome: inout JobOutcome) async -> Bool {
    recoverAbandonedState(into: &outcome) && isStateWhole(&outcome)
  }

  func open() async throws -> any EngineRun {
    try prepareWorkspace()
    let server = try await startStateServer()
    let environment = environment(server)
    let route = ProviderRoute(
      job: job,
      context: context,
      tools: tools,
      workspace: workspace,
      environment: environment,
      states: StateStore(folder),
      say: { [journal] in journal.append(.log(stream: "stderr", line: $0)) }
    )
    return TerraformRun(adapter: self, environment: environment, route: route, server: server)
  }

  private func prepareWorkspace() throws {
    let kept = job.savedPlan?.dependencyLock ?? folder.dependencyLock
    try workspace.prepare(
      program: job.program,
      backend: job.backend,
      cliConfig: tools.cliConfig,
      dependencyLock: LocalFiles.exists(kept) ? try LocalFiles.read(kept) : nil
    )
    try job.connection?.write(to: workspace.kubeconfig)
    guard let saved = job.savedPlan else { return }
    try LocalFiles.create(workspace.plan, with: try LocalFiles.read(saved.plan), durably: false)
    // Held against its record now that nobody else can change it: what was checked before the copy may
    // have been another plan.
    let now = try context.planDigest(workspace, job.program)
    let differences = saved.readRecord()?.digest.differences(from: now) ?? ["its record"]
    guard differences.isEmpty else { throw SavedPlanProblem(plan: saved, differences: differences) }
  }

  private func environment(_ server: StateServer?) -> [String: String] {
    var environment = context.childEnvironment
    environment.merge(
      TerraformEnvironment.fixed(cliConfig: workspace.cliConfig, logLevel: tools.logLevel)
    ) { $1 }
    if tools.providers == .accelerated {
      // A sixth of the CPU of a short run is garbage collection, for memory that its end gives back anyway.
      environment.merge(["GOGC": "400", "GOMEMLIMIT": "1GiB"]) { given, _ in given }
    }
    environment.merge(job.program.secretEnvironment) { $1 }
    if let connection = job.connection {
      environment.merge(connection.environment(kubeconfig: workspace.kubeconfig)) { $1 }
    }
    if let server {
      environment.merge(
        HTTPBackendAddress(url: server.url, user: Self.backendUser, password: server.token).environment
      ) { $1 }
    }
    return environment
  }
}

/// Why a saved plan is not the one that was looked at.
struct SavedPlanProblem: Error, CustomStringConvertible {
  let plan: PlanFolder
  let differences: [String]

  var description: String {
    "the plan in \(plan.path) no longer stands; changed: \(differences.joined(separator: ", "))"
  }
}

extension JobContext {
  /// What a plan in a workspace depends on, the engine of this context among it.
  func planDigest(_ workspace: Workspace, _ program: Program) throws(FileError) -> PlanDigest {
    let binary = try EngineCache(home: stateHome).digest(of: engine.path)
    return try PlanDigest(workspace: workspace, program: program, engineDigest: binary)
  }
}
