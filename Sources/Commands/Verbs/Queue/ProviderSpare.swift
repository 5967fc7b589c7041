import ArgumentParser
import ProviderHost

/// Started by a worker; keeps one provider for a job to come.
struct ProviderSpare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provider-spare",
    abstract: "Keep a started provider for a job; a worker starts this.",
    shouldDisplay: false
  )

  @Argument(help: ArgumentHelp("Where its folder goes.", valueName: "folder"))
  var folder: String

  func run() async throws { await SpareGuard.run(connection: 0, folder: folder) }
}
