import ArgumentParser
import JobSources
import LocalFiles
import ProviderHost
import StackModel

typealias ThrownExitCode = ArgumentParser.ExitCode

/// Started by a worker; outlives it.
struct Supervise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "supervise",
    abstract: "Run one attempt of a queued job; a worker starts this.",
    shouldDisplay: false
  )

  @Argument(help: ArgumentHelp("The job's folder in its queue.", valueName: "folder"))
  var folder: String

  @Option(help: ArgumentHelp("Which attempt.", valueName: "n"))
  var attempt: Int

  @Option(help: ArgumentHelp("Refuse a job that this key has not signed.", valueName: "keyfile"))
  var requireSignature: String?

  @Flag(help: "Standard input is the connection to the worker's started providers.")
  var providerPool = false

  func run() async throws {
    let spares = providerPool ? SpareSource.fromStandardInput() : nil
    let files = QueueJobFolder(path: folder)
    guard
      let record = LocalFiles.text(files.record).flatMap({ try? JSONValue(parsing: $0) })
        .flatMap(QueuedJob.init(json:))
    else { throw ValidationError("\(folder) is no job's folder") }
    let command = AttemptCommand(
      folder: files,
      attempt: files.attempt(attempt),
      record: record,
      keyFile: requireSignature,
      spares: spares
    )
    guard try command.claim() else { return }
    try await command.run()
  }
}
