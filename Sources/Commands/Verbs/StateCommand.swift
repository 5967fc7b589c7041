import ArgumentParser
import JobRunner
import LocalFiles
import StackModel
import ToolProcess

/// The versions of a stack's state that we keep.
struct StateGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "state",
    abstract: "Look at the kept versions of a stack's state, or go back to one.",
    subcommands: [StateList.self, StateShow.self, StateExport.self, StateRollback.self]
  )
}

/// Which stack's states.
struct StateOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The stack: org/env/kind/name.", valueName: "stack"))
  var stack: String

  @Flag(help: "The stack of the sandbox.")
  var sandbox = false

  func validate() throws {
    guard StackID(stack) == nil else { return }
    throw ValidationError("\(stack): a stack is named org/env/kind/name, as `stackjob plan` shows it")
  }

  func folder() throws -> StackFolder {
    guard let id = StackID(stack) else { throw StackModel.ExitCode.badData.thrown }
    let home = Locations(environment: ProcessEnvironment.read()).stateHome
    return StackFolder(home: sandbox ? "\(home)/sandbox" : home, stack: id)
  }

  func versions() throws -> [StateStore.Version] {
    let folder = try folder()
    let found = try Self.reading { () throws(FileError) in try StateStore(folder).versions() }
    guard found.isEmpty else { return found }
    try Console.require([
      .error(
        "state.none",
        "the stack \(stack) has no state here",
        hint: sandbox
          ? "apply it first: stackjob apply --sandbox FILE"
          : "the sandbox's states need --sandbox; a backend of the stack's own keeps its versions itself"
      )
    ])
    return []
  }

  /// The version of that number, or the newest.
  func snapshot(_ number: Int?) throws -> StateStore.Snapshot {
    let all = try versions()
    guard let version = number == nil ? all.last : all.first(where: { $0.number == number }) else {
      try Console.require([.noVersion(number ?? 0, among: (all.first?.number ?? 0)...(all.last?.number ?? 0))]
      )
      throw StackModel.ExitCode.badData.thrown
    }
    let folder = try folder()
    return try Self.reading { () throws(FileError) in try StateStore(folder).read(version) }
  }

  /// What Pulumi keeps of the stack here, where it is Pulumi's, or Terraform keeps nothing.
  func pulumi() throws -> PulumiStates? {
    let folder = try folder()
    // One engine may have removed what another then made.
    if StackEngine(folder: folder).known == EngineName.pulumi.stateName { return try PulumiStates(self) }
    let others = try Self.reading { () throws(FileError) in try StateStore(folder).versions() }
    return others.isEmpty ? try PulumiStates(self) : nil
  }

  static func reading<Value>(_ body: () throws(FileError) -> Value) throws -> Value {
    do throws(FileError) { return try body() } catch {
      try Console.require([.error("state.unreadable", "\(error)")])
      throw StackModel.ExitCode.badData.thrown
    }
  }
}

struct StateList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the versions, oldest first.",
    discussion: """
      EXAMPLES
        stackjob state list acme/prod/AwsEcsService/web
        stackjob state list acme/prod/AwsEcsService/web --output json
      """
  )
  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }
  @OptionGroup var options: StateOptions
  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func run() throws {
    if let pulumi = try options.pulumi() { return pulumi.list(output) }
    let store = StateStore(try options.folder())
    let rows = try options.versions().map { version in
      let found = try StateOptions.reading { () throws(FileError) in try store.read(version) }
      return (version, found, StateAddresses.of(found.bytes).count)
    }
    if output == .json {
      let list = rows.map { version, found, resources -> JSONValue in
        [
          "version": .int(version.number), "serial": .int(found.serial), "lineage": .string(found.lineage),
          "resources": .int(resources), "bytes": .int(found.bytes.count), "whole": .bool(found.isWhole),
          "path": .string(version.path),
        ]
      }
      Console.write(JSONValue.array(list).bytes(.pretty))
      return
    }
    for (version, found, resources) in rows {
      let damage = found.isWhole ? "" : "  damaged"
      Console.print("version \(version.number)  serial \(found.serial)  \(resources) resources\(damage)")
    }
  }
}

struct StateShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "List the resources of a version.",
    discussion: """
      EXAMPLES
        stackjob state show acme/prod/AwsEcsService/web
        stackjob state show acme/prod/AwsEcsService/web --version 12
      """
  )
  @OptionGroup var options: StateOptions
  @Option(help: ArgumentHelp("Default: the newest.", valueName: "n"))
  var version: Int?

  func run() throws {
    if let pulumi = try options.pulumi() { return try pulumi.show(version) }
    let found = try options.snapshot(version)
    guard found.isWhole else { return try Console.require([.damaged(found)]) }
    for address in StateAddresses.of(found.bytes) { Console.print(address) }
  }
}

struct StateExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a version as the engine takes it. It may hold confidential values.",
    discussion: """
      EXAMPLES
        stackjob state export acme/prod/AwsEcsService/web --to terraform.tfstate
      """
  )
  @OptionGroup var options: StateOptions
  @Option(help: ArgumentHelp("Default: the newest.", valueName: "n"))
  var version: Int?
  @Option(help: ArgumentHelp("Default: standard output.", valueName: "file"), completion: .file())
  var to: String?

  func run() throws {
    let bytes = try options.pulumi()?.export(version) ?? options.snapshot(version).bytes
    guard let to else { return Console.write(bytes) }
    try StateOptions.reading { () throws(FileError) in try LocalFiles.replace(to, with: bytes) }
  }
}

struct StateRollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Make an earlier version the newest again.",
    discussion: """
      Changes what is recorded and no resource: a plan then shows what differs. The versions in between stay. Refused \
      while a job holds the stack.

      EXAMPLES
        stackjob state rollback acme/prod/AwsEcsService/web --version 12
      """
  )
  @OptionGroup var options: StateOptions
  @Option(help: ArgumentHelp("Which version.", valueName: "n"))
  var version: Int

  func run() async throws {
    let folder = try options.folder()
    let holder = StackLock.Holder(
      job: Job.makeID(at: WallClock.now()),
      operation: "state rollback",
      user: User.name(ProcessEnvironment.read()),
      since: WallClock.now().description,
      process: .current()
    )
    if let pulumi = try options.pulumi() {
      _ = try pulumi.version(version)
      let lock = try take(folder, holder)
      defer { try? lock.release() }
      return try await pulumi.rollBack(to: version, job: holder.job)
    }
    let chosen = try options.snapshot(version)
    guard chosen.isWhole, var state = (try? JSONValue(parsing: chosen.bytes))?.object else {
      return try Console.require([.damaged(chosen)])
    }
    let lock = try take(folder, holder)
    defer { try? lock.release() }
    let store = StateStore(folder)
    let added = try StateOptions.reading { () throws(FileError) in
      // Higher than any before: an engine takes a lower serial for an older state and refuses it.
      let newest = try store.newest()?.serial ?? 0
      state["serial"] = .int(max(newest, chosen.serial) + 1)
      return try store.add(JSONValue.object(state).bytes(.pretty))
    }
    Console.print("version \(added.version.number) is as version \(version), with serial \(added.serial)")
  }

  private func take(_ folder: StackFolder, _ holder: StackLock.Holder) throws -> StackLock {
    do throws(StackLock.Failure) { return try StackLock.acquire(folder, for: holder) } catch {
      guard case .held(let current) = error else {
        try Console.require([.error("state.unreadable", "the stack's lock cannot be taken: \(error)")])
        throw StackModel.ExitCode.badData.thrown
      }
      Console.note(
        "error: the stack \(options.stack) is locked by job \(current.job) (\(current.operation))\n"
      )
      throw StackModel.ExitCode.locked.thrown
    }
  }
}

extension Diagnostic {
  static func noVersion(_ number: Int, among kept: ClosedRange<Int>) -> Diagnostic {
    .error(
      "state.version",
      "there is no version \(number)",
      hint: "kept are \(kept.lowerBound) to \(kept.upperBound)"
    )
  }

  fileprivate static func damaged(_ snapshot: StateStore.Snapshot) -> Diagnostic {
    .error(
      "state.damaged",
      "version \(snapshot.version.number) is no whole state",
      at: SourceLocation(file: snapshot.version.path),
      hint: "`stackjob state list` shows which versions are whole"
    )
  }
}

enum StateAddresses {
  /// The resources and data of a state, as a plan names them, without the instances' keys.
  static func of(_ bytes: [UInt8]) -> [String] {
    let resources = (try? JSONValue(parsing: bytes))?["resources"]?.array ?? []
    return resources.map { resource in
      let module = resource["module"]?.string.map { "\($0)." } ?? ""
      let mode = resource["mode"]?.string == "data" ? "data." : ""
      return "\(module)\(mode)\(resource["type"]?.string ?? "?").\(resource["name"]?.string ?? "?")"
    }
  }
}
