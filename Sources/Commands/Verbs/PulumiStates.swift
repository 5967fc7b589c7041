import Engines
import JobRunner
import LocalFiles
import StackModel
import ToolProcess

/// What the verbs of `state` do for a stack that Pulumi keeps below the state home.
struct PulumiStates {
  let stack: StackID
  let folder: StackFolder
  let versions: [PulumiStateStore.Version]

  /// Nil where Pulumi has no state of the stack here.
  init?(_ options: StateOptions) throws {
    guard let stack = StackID(options.stack), !options.sandbox else { return nil }
    self.stack = stack
    folder = try options.folder()
    let store = PulumiStateStore(folder, stack: stack)
    versions = try StateOptions.reading { () throws(FileError) in try store.versions() }
    if versions.isEmpty { return nil }
  }

  func version(_ number: Int?) throws -> PulumiStateStore.Version {
    guard let found = number == nil ? versions.last : versions.first(where: { $0.number == number }) else {
      try Console.require([.noVersion(number ?? 0, among: 1...versions.count)])
      throw StackModel.ExitCode.badData.thrown
    }
    guard found.document != nil else {
      try Console.require([
        .error(
          "state.damaged",
          "version \(found.number) is no state of Pulumi",
          at: SourceLocation(file: found.path),
          hint: "look at another version: `stackjob state list`"
        )
      ])
      throw StackModel.ExitCode.badData.thrown
    }
    return found
  }

  func list(_ form: StateList.Form) {
    guard form == .json else {
      for version in versions {
        let damage = version.document == nil ? "  damaged" : ""
        Console.print("version \(version.number)  \(version.resources.count) resources\(damage)")
      }
      return
    }
    let rows = versions.map { version -> JSONValue in
      [
        "version": .int(version.number), "resources": .int(version.resources.count),
        "whole": .bool(version.document != nil), "path": .string(version.path),
      ]
    }
    Console.write(JSONValue.array(rows).bytes(.pretty))
  }

  func show(_ number: Int?) throws {
    for resource in try version(number).resources { Console.print(resource) }
  }

  /// With secrets as they are, encrypted.
  func export(_ number: Int?) throws -> [UInt8] { try version(number).document?.bytes(.pretty) ?? [] }

  /// - Parameter job: that has the stack's lock.
  func rollBack(to number: Int, job: String) async throws {
    let session = try Session.open(templates: [])
    let chosen = try version(number)
    let setup = try Console.get(
      await EngineSetup.prepare(
        engine: .pulumi,
        settings: session.settings,
        locations: session.locations,
        environment: session.environment
      )
    )
    guard let backend = PulumiBackend("file://\(folder.pulumiBackend)"), let document = chosen.document,
      case .pulumi(let tools) = setup.providers
    else { return }
    let provider = session.settings.pulumi.secretsProvider ?? "passphrase"
    var state = PulumiState(backend: backend, isManaged: true, secretsProvider: provider)
    if provider == "passphrase" {
      state.passphrase = try Console.get(
        PulumiPassphrase(
          settings: session.settings.pulumi,
          environment: session.environment,
          stateHome: session.locations.stateHome
        ).read(managed: folder, at: nil)
      )
    }
    let allowed =
      EnvironmentPolicy.basics + session.settings.passEnvironment + PulumiBackendEnvironment.names(state)
    let environment = EnvironmentPolicy(allowed: allowed, reserved: PulumiEnvironment.reserved)
      .select(from: session.environment).variables
    // The state holds either the one or the other, and the lock goes with us.
    let interrupts = InterruptController()
    SignalWatch.start(interrupts)
    let failure = await PulumiStateImport(
      engine: setup.binary,
      tools: tools,
      state: state,
      environment: environment
    ).run(document, into: folder, stack: stack, job: job, stop: interrupts.stop)
    guard let failure else {
      Console.print("the state is as version \(number)")
      return
    }
    if failure.exitCode == .cancelled {
      Console.note("stopped; `stackjob state list` shows which state counts\n")
      throw failure.exitCode.thrown
    }
    Console.note("error: \(failure.summary ?? "Pulumi does not take the state"): \(failure.detail)\n")
    throw failure.exitCode.thrown
  }
}
