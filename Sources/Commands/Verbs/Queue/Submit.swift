import ArgumentParser
import Digests
import JobRunner
import JobSources
import LocalFiles
import StackModel
import YAMLTree

struct Submit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Put a job into a queue.",
    discussion: """
      FILE is a manifest, or a StackJob document, to which the options are added. The job's id is printed. A bad \
      manifest is taken as well: its job ends as failed, with what is wrong.

      EXAMPLES
        stackjob submit --queue queue/ --operation preview service.yaml
        stackjob submit --queue queue/ --operation update --id web-42 --image shop/web:1.4.2 service.yaml
        stackjob submit --queue queue/ --operation update --approve-first service.yaml
        stackjob submit --queue queue/ job.yaml
        stackjob submit --queue queue/ --sign key.pem job.yaml
        stackjob submit --queue https://jobs.example.com --token-file token --operation update service.yaml
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @OptionGroup var queue: QueueOptions

  @Argument(
    help: ArgumentHelp("A manifest or a StackJob document, or - for standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"])
  )
  var file: String

  @Option(
    help: ArgumentHelp(
      "preview, update, destroy-preview, destroy, refresh, drift or outputs; also plan and apply.",
      valueName: "operation"
    )
  )
  var operation: String?

  @Option(help: ArgumentHelp("The job's id; the same id runs once. Default: a new one.", valueName: "id"))
  var id: String?

  @Option(help: ArgumentHelp("The container image to run.", valueName: "repo:tag"))
  var image: String?

  @Option(help: ArgumentHelp("The version to record for what is deployed.", valueName: "text"))
  var versionTag: String?

  @Option(help: ArgumentHelp("Groups that references are looked up in; may be repeated.", valueName: "file"))
  var references: [String] = []

  @Option(
    help: ArgumentHelp(
      "The engine: terraform or tofu. Default: the worker's settings'.",
      valueName: "engine"
    ),
    completion: .list(EngineName.allCases.map(\.rawValue)),
    transform: EngineOptions.engine
  )
  var engine: EngineName?

  @Option(
    help: "How the engine gets at its providers: accelerated or plain. Default: the worker's settings'."
  )
  var providers: ProviderMode?

  @Flag(help: "Play the provider.")
  var sandbox = false

  @Flag(help: "Keep the plan, and wait for `stackjob approve` before changing anything.")
  var approveFirst = false

  @Flag(inversion: .prefixedNo, help: "Ask the platform what is there before planning.")
  var refresh = true

  @Option(help: ArgumentHelp("Higher comes first.", valueName: "n"))
  var priority: Int?

  @Option(help: ArgumentHelp("Tell that address when the job waits or ends.", valueName: "url"))
  var callback: String?

  @Option(help: ArgumentHelp("Stop the job cleanly after so long.", valueName: "seconds"))
  var timeLimit: Int?

  @Option(
    help: ArgumentHelp(
      "Sign the job: an Ed25519 private key in PEM, or a shared secret.",
      valueName: "keyfile"
    ),
    completion: .file()
  )
  var sign: String?

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func validate() throws {
    if let id, !StackJob.isLegalID(id) {
      throw ValidationError(
        "--id \(id): up to 100 letters, digits, `_` and `-`, beginning with a letter or digit"
      )
    }
    if let operation, StackJob.operation(named: operation) == nil {
      let known = Operation.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--operation \(operation): known are \(known)")
    }
    if let priority, !(-1000...1000).contains(priority) {
      throw ValidationError("--priority \(priority): expected a whole number from -1000 to 1000")
    }
    if let callback, CallbackURL(callback) == nil {
      throw ValidationError("--callback \(callback): expected an address such as https://HOST/PATH")
    }
    if let timeLimit, timeLimit < 1 {
      throw ValidationError("--time-limit is a whole number of seconds from 1")
    }
  }

  func run() throws {
    let session = try Session.open(templates: [])
    let bytes: [UInt8]
    switch InputFile.load(file, limit: YAMLReader.Limits.standard.bytes) {
    case .success(let read): bytes = read
    case .failure(let problem):
      try Console.require([problem.diagnostic])
      return
    }
    let document = try document(bytes)
    let bytesToKeep = try signed(document.json.bytes(.pretty))
    if QueueOptions.isURL(queue.queue) { return try send(document, bytesToKeep, session) }
    let directory = try queue.open(session)
    let accepted = try QueueFailure.catching { () throws(FileError) in
      try directory.accept(bytesToKeep, name: document.id ?? "job")
    }
    tell(accepted)
  }

  /// The stack is told beside the job, so that the server can keep jobs of one stack apart.
  private func send(_ job: StackJob, _ document: [UInt8], _ session: Session) throws {
    let id = job.id ?? QueueDirectory.newID(WallClock.now())
    let scratch = "/tmp/stackjob-submit-\(RandomToken.make()).yaml"
    defer { try? LocalFiles.remove(scratch) }
    let stack = try QueueFailure.catching { () throws(FileError) in
      if let manifest = job.manifest {
        try LocalFiles.replace(scratch, with: Array(manifest.utf8), durably: false)
      }
      return JobDescription.stack(of: job, manifest: job.manifestFile ?? scratch, catalog: session.catalog)
    }
    let client = QueueClient(queue.endpoint.endpoint(queue.queue))
    let isNew = try QueueFailure.asking { () throws(QueueClient.Failure) in
      try client.submit(
        document,
        id: id,
        stack: (try? stack.get())?.description,
        by: User.name(ProcessEnvironment.read())
      )
    }
    if case .failure(let failure) = stack {
      let reason = failure.diagnostics.first { $0.severity == .error }?.message ?? "its manifest is bad"
      Console.note("the job will end as failed: \(reason)\n")
    }
    tell(id, isNew: isNew)
  }

  private func signed(_ document: [UInt8]) throws -> [UInt8] {
    guard let sign else { return document }
    let key = try KeyFile.read(sign)
    guard let envelope = SignedStackJob(document, key: key) else {
      try Console.require([
        .error("queue.key", "\(sign) cannot sign", hint: "give the Ed25519 private key, not the public one")
      ])
      return document
    }
    return envelope.json.bytes(.pretty)
  }

  private func document(_ bytes: [UInt8]) throws -> StackJob {
    let root = YAMLReader.read(bytes, file: file).documents.first
    let isJob = root?["kind"]?.string == "StackJob" || root?["operation"] != nil && root?["apiVersion"] == nil
    var job: StackJob
    if isJob {
      job = try Console.get(StackJob.read(bytes, file: InputFile.displayName(file)))
      if let operation = operation.flatMap(StackJob.operation(named:)) { job.operation = operation }
    } else {
      guard let operation = operation.flatMap(StackJob.operation(named:)) else {
        throw ValidationError(
          "what is to be done with the manifest? give --operation, for example preview or update"
        )
      }
      job = StackJob(operation: operation)
      job.manifest = String(decoding: bytes, as: UTF8.self)
    }
    job.id = id ?? job.id ?? QueueDirectory.newID(WallClock.now())
    job.image = image ?? job.image
    job.version = versionTag ?? job.version
    job.references += references.map(LocalFiles.absolute)
    job.engine = engine ?? job.engine
    job.providers = providers?.rawValue ?? job.providers
    job.isSandbox = sandbox || job.isSandbox
    job.pauseBetweenPreviewAndUpdate = approveFirst || job.pauseBetweenPreviewAndUpdate
    job.skipRefresh = !refresh || job.skipRefresh
    job.priority = priority ?? job.priority
    job.timeLimit = timeLimit ?? job.timeLimit
    job.callback = callback ?? job.callback
    return job
  }

  private func tell(_ accepted: QueueDirectory.Accepted) {
    let id: String
    switch accepted {
    case .queued(let job): id = job.id
    case .refused(let job):
      id = job.id
      Console.note(
        "the job ends as failed: \(job.reason ?? "its document is bad"); see `stackjob job show --queue \(queue.queue) \(id)`\n"
      )
    case .duplicate(let known): return tell(known, isNew: false)
    }
    tell(id, isNew: true)
  }

  private func tell(_ id: String, isNew: Bool) {
    if !isNew { Console.note("there is a job `\(id)` already; nothing was added\n") }
    if output == .json {
      Console.write(JSONValue.object(["id": .string(id), "new": .bool(isNew)]).bytes(.pretty))
    } else {
      Console.print(id)
    }
  }
}
