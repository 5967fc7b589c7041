import ArgumentParser
import JobRunner
import LocalFiles
import Manifests
import StackModel

struct Outputs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outputs",
    abstract: "Print what the stack hands back: URLs, names, ARNs.",
    discussion: """
      Reads the state that the last job saved; the platform is not asked.

      EXAMPLES
        stackjob outputs service.yaml
        stackjob outputs service.yaml --name service_url
        stackjob outputs service.yaml --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var engine: EngineOptions

  @Option(help: ArgumentHelp("Print this output alone, without quotes.", valueName: "output"))
  var name: String?

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func validate() throws { Console.tellDocument(output == .json) }

  func run() async throws {
    let session = try Session.open(templates: manifests.templates, sandbox: engine.sandbox)
    let loaded = try session.manifests(manifests, needsImage: false)
    guard loaded.count == 1, let manifest = loaded.first else {
      throw ValidationError("outputs takes one manifest")
    }
    let prepared: JobPreparation.Prepared
    let preparation = JobPreparation(
      session: session,
      operation: .outputs,
      engine: engine.name(session),
      cluster: engine.cluster
    )
    switch preparation.prepare(manifest) {
    case .success(let job): prepared = job
    case .failure(let failure):
      try Console.require(failure.diagnostics)
      throw StackModel.ExitCode.badData.thrown
    }
    guard case .managed = prepared.backend else {
      // Only the engine can read a backend of its own.
      var command = JobCommand(
        session: session,
        operation: .outputs,
        engine: engine,
        output: .silent
      )
      command.isSilent = true
      try show(try await command.run(loaded).flatMap(\.outputs), of: prepared.stack)
      return
    }
    // Terraform keeps no output without a value; a reader of the kind's outputs finds them all.
    let saved = try saved(prepared.stack, session)
    let absent = manifest.kind.outputs.filter { output in !saved.contains { $0.name == output.name } }
      .map { StackOutput(name: $0.name, value: .null, isSensitive: $0.isSensitive) }
    let shown = saved.isEmpty ? [] : (saved + absent).sorted { $0.name < $1.name }
    try show(shown, of: prepared.stack)
  }

  private func saved(_ stack: StackID, _ session: Session) throws -> [StackOutput] {
    let store = StateStore(StackFolder(home: session.locations.stateHome, stack: stack))
    let newest: StateStore.Snapshot?
    let fault: (summary: String, detail: String)?
    do throws(FileError) {
      newest = try store.newest()
      fault = try store.fault()
    } catch {
      try Console.require([.error("state.unreadable", "\(error)")])
      return []
    }
    guard let newest else {
      try Console.require([
        .error("state.none", "the stack \(stack) has no state", hint: "apply it first: stackjob apply FILE")
      ])
      return []
    }
    if let fault { try Console.require([.error("state.damaged", fault.summary, hint: fault.detail)]) }
    return newest.outputs
  }

  private func show(_ outputs: [StackOutput], of stack: StackID) throws {
    if let name {
      guard let found = outputs.first(where: { $0.name == name }) else {
        let near = Suggestion.nearest(to: name, among: outputs.map(\.name))
        try Console.require([
          .error(
            "output.unknown",
            "the stack \(stack) has no output `\(name)`",
            hint: near.map { "did you mean `\($0)`?" }
              ?? "it has \(outputs.map(\.name).joined(separator: ", "))"
          )
        ])
        return
      }
      // One output asked for by name is meant for a script: a sensitive one is given too.
      Console.print(output == .json ? found.value.text() : Self.plain(found.value))
      return
    }
    if output == .json {
      Console.write(
        JSONValue.object(
          JSONObject(outputs.map { ($0.name, $0.isSensitive ? .string(Secret.mask) : $0.value) })
        ).bytes(.pretty)
      )
      return
    }
    let width = outputs.map(\.name.count).max() ?? 0
    for output in outputs {
      let padding = String(repeating: " ", count: width - output.name.count)
      let value = output.isSensitive ? Secret.mask : Self.plain(output.value)
      Console.print("\(output.name)\(padding)  \(value)")
    }
  }

  private static func plain(_ value: JSONValue) -> String {
    value.isNull ? "" : value.string ?? value.text()
  }
}

extension OutputOptions {
  /// For a command that tells of its jobs itself.
  static var silent: OutputOptions {
    var options = OutputOptions()
    options.output = .text
    options.quiet = true
    options.verbose = false
    return options
  }
}
