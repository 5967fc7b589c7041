import ArgumentParser
import Deployment
import JobRunner
import LocalFiles
import StackModel
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

struct Deploy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Deploy a service repository's overlays, one environment after another.",
    discussion: """
      Builds the overlays below `_kustomize`, selects those of the branch, checks all of them, and then runs a job \
      for each in the order of `stackjob.yaml`. The run is recorded at every step: whatever ends this process, \
      `stackjob resume` goes on. At an environment with a gate it asks, or ends with 3 where there is no terminal, \
      until somebody says `stackjob approve` or `stackjob reject`. What is deployed already with the same inputs \
      is skipped.

      EXAMPLES
        stackjob deploy --image shop/web:1.4.2
        stackjob deploy services/web --branch main --image shop/web:1.4.2 --auto-approve
        stackjob deploy --plan --output markdown                    for a pull request
        stackjob deploy --environments dev,staging --parallel 2
        stackjob deploy --queue queue/ --image shop/web:1.4.2       workers run the jobs
      """
  )

  @OptionGroup var source: DeploymentOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Only say what each environment's job would change.")
  var plan = false

  @Flag(help: "Begin without asking. Gates are not opened by it.")
  var autoApprove = false

  @Option(
    help: ArgumentHelp(
      "Hand the jobs to this queue, whose workers run them, and follow them.",
      valueName: "folder"
    ),
    completion: .directory
  )
  var queue: String?

  @Option(
    help: ArgumentHelp(
      "How many environments may be deployed at once, where the order leaves it open.",
      valueName: "n"
    )
  )
  var parallel = 1

  @Flag(help: "Deploy also what is deployed already with the same inputs.")
  var rerun = false

  @Flag(help: "Stay at a gate until somebody decides elsewhere.")
  var wait = false

  func validate() throws {
    if parallel < 1 { throw ValidationError("--parallel is a whole number from 1") }
    if let queue {
      try QueueOptions.check(queue)
      if QueueOptions.isURL(queue) {
        throw ValidationError("--queue \(queue): deployments put their jobs into folders only")
      }
    }
    if queue != nil, plan { throw ValidationError("--plan makes its plans here; leave --queue out") }
    if queue != nil, !source.templates.isEmpty {
      throw ValidationError("--templates does not reach a queue's workers; name the folder in their settings")
    }
    if !plan { try output.requireShownPlan(autoApprove: autoApprove) }
  }

  func run() async throws {
    var session = try Session.open(templates: source.templates, sandbox: engine.sandbox)
    let interrupts = InterruptController()
    let stops = ChildStops()
    SignalWatch.start { number in
      // While manifests are built nothing has begun; later the jobs decide.
      stops.stop()
      if number == SIGINT { interrupts.request() } else { interrupts.requestPolitely() }
    }
    let deployment = try await DeploymentBuild.build(source, session: session, stops: stops)
    session = try session.asking(deployment.pipeline.references)
    let access = RunAccess(session: session)
    let id = Job.makeID(at: WallClock.now())
    let files = try deployment.keepManifests(in: access.store.folder(id))
    var isKept = false
    // A folder without a record is no run.
    defer { if !isKept { access.store.remove(id) } }
    let (tasks, problems) = await RunPreparation(session: session, engine: engine).prepare(
      files,
      source.inputs,
      operation: plan ? .preview : .update
    )
    // What was asked for values was stopped with us.
    if interrupts.stop.isStopRequested { throw StackModel.ExitCode.cancelled.thrown }
    let found = deployment.problems + deployment.new(problems)
    GitHubReport(environment: session.environment).annotate(found)
    try Console.require(found)
    if plan {
      try await DeploymentPlan(session: session, engine: engine, output: output, interrupts: interrupts).run(
        tasks
      )
      return
    }
    let run = deployment.run(
      id,
      tasks,
      source,
      engine: engine.engine,
      queue: try queue.map { try QueueOptions.open($0, session) },
      parallel: parallel,
      skipping: rerun ? nil : access
    )
    guard !run.tasks.isEmpty else {
      Console.note("nothing is deployed: no overlay is selected\n")
      return
    }
    var launch = RunLaunch(access: access, engine: engine, output: output, interrupts: interrupts)
    launch.waitsAtGates = wait
    let todo = tasks.filter { run[task: $0.name]?.isDone == false }
    let equipment = try await launch.equip(todo, for: run)
    try await confirm(run, interrupts)
    let lock: RunLock
    do {
      try access.store.write(run)
      isKept = true
      lock = try access.lock(id)
    } catch let error as FileError {
      try Console.require([RunAccess.unwritable(error)])
      return
    }
    defer { withExtendedLifetime(lock) {} }
    access.tidy()
    try await launch.execute(run, todo, equipment)
  }

  private func confirm(_ run: Run, _ interrupts: InterruptController) async throws {
    guard !autoApprove, run.tasks.contains(where: { !$0.isDone }) else { return }
    try await DeploymentQuestion.ask(run, stop: interrupts.stop)
  }
}
