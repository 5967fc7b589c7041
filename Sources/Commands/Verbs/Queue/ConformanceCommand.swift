import ArgumentParser
import Digests
import HTTPListening
import JobSources
import LocalFiles
import StackModel
import ToolProcess
import WorkerConformance

#if canImport(Glibc)
  import Glibc
#endif

struct ConformanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Check whether a server or a worker keeps to the protocol of jobs over HTTP.",
    discussion: """
      With a URL it plays a client and a worker, with jobs of its own that no engine ever sees. The queue has to be \
      empty and in nobody else's use.

      With --worker it plays a server. COMMAND starts the worker, which runs one job at a time; {url} in its arguments \
      is the address, and so is STACKJOB_QUEUE in its environment. Without COMMAND the address is printed and a worker \
      awaited. The jobs are of the sandbox, or the one of --job.

      Ends with 1 when a promise is broken. docs/protocol.md describes the protocol.

      EXAMPLES
        stackjob conformance http://127.0.0.1:8080
        stackjob conformance https://jobs.example.com/test --token-file token --output json
        stackjob conformance --worker -- stackjob worker --queue {url}
        stackjob conformance --worker --only log --only approval -- ./my-worker {url}
        stackjob conformance --worker --listen 0.0.0.0:8080 --job job.yaml
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Argument(help: ArgumentHelp("The URL of the queue.", valueName: "url"))
  var url: String?

  @Flag(help: "Check a worker: play a server.")
  var worker = false

  @Option(
    help: ArgumentHelp(
      "With --worker: where to listen. Default: 127.0.0.1 and a free port.",
      valueName: "host:port"
    )
  )
  var listen = "127.0.0.1:0"

  @Option(
    help: ArgumentHelp(
      "With --worker: the StackJob that is given out, by each check with another operation.",
      valueName: "file"
    ),
    completion: .file()
  )
  var job: String?

  @Option(
    help: ArgumentHelp(
      "With --worker: how long a check waits for something to happen.",
      valueName: "seconds"
    )
  )
  var patience = 60

  @Option(
    help: ArgumentHelp("Only checks with this in their group or name; may be repeated.", valueName: "text")
  )
  var only: [String] = []

  @OptionGroup var endpoint: EndpointOptions

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("With --worker, after --: what starts the worker.", valueName: "command")
  )
  var command: [String] = []

  func validate() throws {
    if worker {
      if url != nil { throw ValidationError("--worker takes no URL: it is a server itself") }
      if ListenAddress(listen) == nil {
        throw ValidationError("--listen \(listen): expected HOST:PORT, for example 127.0.0.1:8080")
      }
      if patience < 1 { throw ValidationError("--patience is a whole number of seconds from 1") }
    } else {
      guard let url else { throw ValidationError("give the URL of a queue, or --worker") }
      guard QueueOptions.isURL(url) else {
        throw ValidationError("\(url): expected a URL with https:// or http://")
      }
      try QueueOptions.check(url)
      if !command.isEmpty { throw ValidationError("a command is for --worker") }
    }
    if !names.contains(where: isChosen) {
      throw ValidationError("--only: no check has that in its group or name")
    }
  }

  private var names: [(group: String, check: String)] {
    worker ? WorkerConformance.checks : Conformance.checks
  }

  private func isChosen(_ group: String, _ check: String) -> Bool {
    only.isEmpty || only.contains { group == $0 || check.contains($0) }
  }

  func run() async throws { if worker { try await checkWorker() } else { try checkServer(url ?? "") } }

  private func checkServer(_ url: String) throws {
    let endpoint = endpoint.endpoint(url)
    // Whoever may ask nothing can check nothing.
    if case .denied(_, let words) = endpoint.ask(QueueEndpoint.Request("GET", "/jobs")) {
      throw QueueFailure.told(QueueClient.Failure(kind: .denied, words: words))
    }
    try tell(url, Conformance(endpoint).run(isChosen: isChosen, onFinding: show))
  }

  private func checkWorker() async throws {
    let template = try job.map(readJob)
    let server = ScriptedServer()
    guard let address = ListenAddress(listen) else { return }
    let listener: HTTPListener
    do {
      listener = try await HTTPListener.start(
        host: address.host,
        port: address.port,
        bodyLimit: ScriptedServer.bodyLimit,
        respond: { server.respond($0, $1) }
      )
    } catch {
      try Console.require([
        .error(
          "worker.listen",
          "\(listen): \(error)",
          hint: "choose an address of this machine and a free port"
        )
      ])
      return
    }
    let url = "http://\(address.host.contains(":") ? "[\(address.host)]" : address.host):\(listener.port)"
    let subject = try subject(url)
    SignalWatch.start { _ in
      // The worker has a session of its own, which a terminal's Ctrl-C does not reach.
      Task {
        await subject?.stop()
        Glibc.exit(StackModel.ExitCode.cancelled.rawValue)
      }
    }
    if subject == nil { Console.note("waiting for a worker at \(url); it should run one job at a time\n") }
    let findings = try await WorkerConformance(
      server: server,
      subject: subject.map { subject in
        WorkerConformance.Subject(start: { subject.start() }, end: { subject.end })
      },
      template: template,
      prefix: "conformance-\(RandomToken.make().prefix(8))",
      patience: Double(patience)
    ).run(isChosen: isChosen, onFinding: show)
    await subject?.stop()
    await listener.stop()
    try tell(url, findings)
  }

  private func subject(_ url: String) throws -> WorkerUnderTest? {
    guard let name = command.first else { return nil }
    var environment = ProcessEnvironment.read()
    guard let found = ExecutableFinder.find(name, path: environment["PATH"] ?? "") else {
      Console.show([
        .error("worker.missing", "there is no program `\(name)`", hint: "give its path, or put it into PATH")
      ])
      throw StackModel.ExitCode.unavailable.thrown
    }
    environment["STACKJOB_QUEUE"] = url
    return WorkerUnderTest(
      ToolInvocation(
        tool: "worker",
        version: "",
        executable: LocalFiles.rooted(found),
        arguments: command.dropFirst().map { $0.replacing("{url}", with: url) },
        environment: environment,
        workingDirectory: LocalFiles.rooted(".")
      )
    )
  }

  private func readJob(_ path: String) throws -> StackJob {
    let bytes = try QueueFailure.catching { () throws(FileError) in try LocalFiles.read(path) }
    switch StackJob.read(bytes, file: path) {
    case .success(let job): return job
    case .failure(let failure):
      try Console.require(failure.diagnostics)
      throw StackModel.ExitCode.badData.thrown
    }
  }

  // MARK: Telling

  private func tell(_ url: String, _ findings: [Conformance.Finding]) throws {
    let broken = findings.count(where: \.isBroken)
    if output == .json {
      let document: JSONValue = [
        "url": .string(url), "role": worker ? "worker" : "server", "broken": .int(broken),
        "checks": .array(findings.map(\.json)),
      ]
      Console.write(document.bytes(.pretty))
    } else {
      Console.print("\(findings.count) checks, \(broken) broken")
    }
    if broken > 0 { throw StackModel.ExitCode.failed.thrown }
  }

  private func show(_ finding: Conformance.Finding) {
    guard output == .text else { return }
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let (word, reason): (String, String) =
      switch finding.verdict {
      case .kept: ("kept", "")
      case .broken(let reason): ("BROKEN", reason)
      case .skipped(let reason): ("skipped", reason)
      }
    let widths = (names.map(\.group.count).max() ?? 0, names.map(\.check.count).max() ?? 0)
    let start = "\(padded(finding.group, widths.0 + 2))\(padded(finding.check, widths.1 + 2))\(word)"
    Console.print(reason.isEmpty ? start : "\(start)  \(reason)")
  }
}
