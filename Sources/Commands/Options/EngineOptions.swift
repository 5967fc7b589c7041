import ArgumentParser
import JobRunner
import StackModel

extension ProviderMode: ExpressibleByArgument {}

/// How the engine is run.
struct EngineOptions: ParsableArguments {
  @OptionGroup var cluster: ClusterOptions

  @Flag(help: "Play the provider: the real engine, nothing real made, no credentials needed.")
  var sandbox = false

  @Option(
    help: ArgumentHelp(
      "The engine: terraform, tofu or pulumi. Default: the settings', else terraform.",
      valueName: "engine"
    ),
    completion: .list(EngineName.allCases.map(\.rawValue)),
    transform: Self.engine
  )
  var engine: EngineName?

  @Option(
    help:
      "How the engine gets at its providers: accelerated, or plain, as it does by itself. Default: accelerated."
  )
  var providers: ProviderMode?

  @Option(
    help: ArgumentHelp("How many resources are worked on at once. Default: the engine's, 10.", valueName: "n")
  )
  var parallelism: Int?

  @Option(
    name: .customLong("mask-env"),
    help: ArgumentHelp("Mask the value of this environment variable wherever it shows up.", valueName: "name")
  )
  var maskEnvironment: [String] = []

  @Option(
    help: ArgumentHelp("Mask every line of this file wherever it shows up.", valueName: "file"),
    completion: .file()
  )
  var maskFile: String?

  @Option(
    help: ArgumentHelp(
      "Let the engine write its own log: trace, debug, info, warn or error.",
      valueName: "level"
    )
  )
  var engineLog: String?

  static func engine(_ text: String) throws -> EngineName {
    if let engine = EngineName(rawValue: text) { return engine }
    throw ValidationError("the engine is terraform, tofu or pulumi, not `\(text)`")
  }

  /// What runs where a pipeline says nothing.
  func name(_ session: Session) -> EngineName { engine ?? session.settings.engine ?? .terraform }

  func validate() throws {
    if let parallelism, parallelism < 1 {
      throw ValidationError("--parallelism is a whole number from 1")
    }
    let levels = ["trace", "debug", "info", "warn", "error"]
    if let engineLog, !levels.contains(engineLog.lowercased()) {
      throw ValidationError("--engine-log is one of \(levels.joined(separator: ", "))")
    }
  }
}
