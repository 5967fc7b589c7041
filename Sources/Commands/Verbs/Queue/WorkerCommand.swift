import ArgumentParser
import JobSources
import LocalFiles
import ProviderHost
import StackModel
import Traces
import Worker

struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Run the jobs of a queue.",
    discussion: """
      Each job runs under a supervisor of its own, which outlives the worker: the next worker finds it and \
      reports how it ended. SIGTERM or Ctrl-C drains: nothing more is claimed, what runs may end within --grace and \
      is interrupted then. A second one interrupts at once. Logs are JSON lines on standard error.

      EXAMPLES
        stackjob worker --queue queue/ --until-empty
        stackjob worker --queue queue/ --concurrency 4
        stackjob worker --queue queue/ --concurrency 8 --memory 4096
        stackjob worker --queue queue/ --require-signature public.pem
        stackjob worker --queue queue/ --listen 127.0.0.1:9464
        stackjob worker --queue https://jobs.example.com --token-file token --concurrency 4
      """
  )

  @OptionGroup var queue: QueueOptions

  @Option(help: ArgumentHelp("How many jobs run at once.", valueName: "n"))
  var concurrency = 1

  @Option(
    help: ArgumentHelp(
      "Start no job beside others that would take all of them over this, by what its stack took before.",
      valueName: "MiB"
    )
  )
  var memory: Int?

  @Option(
    help: ArgumentHelp(
      "How many providers to keep started for jobs to come; 0 for none. By default as many as the free memory allows, "
        + "\(WorkerSpares.most) at most.",
      valueName: "n"
    )
  )
  var providerPool: Int?

  @Flag(help: "End when nothing is left to run.")
  var untilEmpty = false

  @Option(help: ArgumentHelp("What running jobs get to end after SIGTERM.", valueName: "seconds"))
  var grace = 600

  @Option(help: ArgumentHelp("Serve /healthz, /readyz and /metrics there.", valueName: "host:port"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "Run only jobs that this Ed25519 public key or secret has signed.",
      valueName: "keyfile"
    ),
    completion: .file()
  )
  var requireSignature: String?

  private var listenAddress: (host: String, port: Int)? {
    guard let listen, let colon = listen.lastIndex(of: ":"),
      let port = UInt16(listen[listen.index(after: colon)...])
    else { return nil }
    let host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
    return host.isEmpty ? nil : (String(host), Int(port))
  }

  func validate() throws {
    if let listen, listenAddress == nil {
      throw ValidationError("--listen \(listen): expected HOST:PORT, for example 127.0.0.1:9464")
    }
    if concurrency < 1 { throw ValidationError("--concurrency is a whole number from 1") }
    if let memory, memory < 1 { throw ValidationError("--memory is a whole number of MiB from 1") }
    if let providerPool, providerPool < 0 {
      throw ValidationError("--provider-pool is a whole number from 0")
    }
    if grace < 0 { throw ValidationError("--grace is a whole number of seconds from 0") }
  }

  func run() async throws {
    let session = try Session.open(templates: [])
    let keyFile = requireSignature.map(LocalFiles.rooted)
    // A wrong key should not be found out by the first job.
    if let keyFile { _ = try KeyFile.read(keyFile) }
    let signature = keyFile.map { ["--require-signature", $0] } ?? []
    let stop = WorkerStop()
    let waker = Waker()
    SignalWatch.start { _ in
      stop.request()
      waker.wake()
    }
    let log = WorkerLog { try? LocalFiles.write($0, to: 2, path: "standard error") }
    let traces = WorkerTraces.start(session.environment, log)
    let source = try WorkerSource.open(
      queue,
      session,
      untilEmpty: untilEmpty,
      wake: { waker.wake() },
      drain: {
        stop.request()
        waker.wake()
      },
      onEnd: { job in traces?.add([job.traceSpan]) },
      log: { log.write("warning", $0) }
    )
    let changes = ChangeWatch(folders: source.watched, waker: waker)
    let callbacks = source.callbacks
    callbacks?.start()
    let status = WorkerStatus(
      spans: { traces?.counts ?? TraceExporter.Counts() },
      callbacks: { callbacks?.counts ?? CallbackSender.Counts() }
    )
    let server = try await serve(status, log)
    let executable = Locations.executablePath()
    var options = Worker.Options(
      concurrency: concurrency,
      untilEmpty: untilEmpty,
      grace: Double(grace),
      stateHome: session.locations.stateHome,
      // What comes in unseen, over a network for example, is looked for all the same.
      pauseMilliseconds: changes.seesFolders ? 1000 : 100
    )
    options.memory = memory.map { ($0, source.memory) }
    options.spares = WorkerSpares.open(
      providerPool ?? session.settings.providerPool,
      concurrency: concurrency,
      executable: executable,
      stateHome: session.locations.stateHome
    )
    let spares = options.spares
    var worker = Worker(
      source: source.jobs,
      options: options,
      stop: stop,
      log: log,
      status: status,
      waker: waker,
      intake: source.intake,
      start: { claim throws(FileError) in
        let attempt = QueueJobFolder(path: claim.folder).attempt(claim.job.attempts)
        try LocalFiles.makeFolder(attempt.path)
        let launch = { (input: Int32) throws(FileError) in
          _ = try SupervisorLaunch.start(
            executable: executable,
            arguments: ["supervise", claim.folder, "--attempt", String(claim.job.attempts)] + signature
              + (input < 0 ? [] : ["--provider-pool"]),
            folder: attempt.path,
            input: input,
            output: attempt.events,
            error: attempt.messages
          )
        }
        if let spares { try spares.connecting(launch) } else { try launch(-1) }
      }
    )
    if let traces { worker.trace = { traces.add($0) } }
    defer { traces?.stop(within: WorkerTraces.lastSeconds) }
    do throws(FileError) { try await worker.run() } catch {
      if let failure = source.failure() { throw QueueFailure.told(failure) }
      try Console.require([
        .error("queue.failed", "\(error)", hint: "jobs that run go on; start another worker")
      ])
    }
    source.close()
    callbacks?.stop(within: 10)
    await server?.stop()
    withExtendedLifetime(changes) {}
  }

  private func serve(_ status: WorkerStatus, _ log: WorkerLog) async throws -> HealthServer? {
    guard let (host, port) = listenAddress else { return nil }
    do {
      let server = try await HealthServer.start(host: host, port: port, status: status)
      log.write("info", "listening on \(server.address)")
      return server
    } catch {
      try Console.require([
        .error(
          "worker.listen",
          "\(listen ?? ""): \(error)",
          hint: "choose an address of this machine and a free port"
        )
      ])
      return nil
    }
  }
}

extension QueueDirectory.Accepted {
  var words: String {
    switch self {
    case .queued(let job): "\(job.id): queued"
    case .refused(let job): "\(job.id): failed: \(job.reason ?? "a bad document")"
    case .duplicate(let id): "\(id): there already"
    }
  }
}
