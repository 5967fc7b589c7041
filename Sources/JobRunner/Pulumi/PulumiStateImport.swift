import Digests
package import Engines
import LocalFiles
package import StackModel
package import ToolProcess
import Translation

/// Makes an earlier state of a stack the one that counts, by Pulumi itself: it checks what it takes.
package struct PulumiStateImport: Sendable {
  package var engine: EngineBinary
  package var tools: PulumiTools
  package var state: PulumiState
  /// What the child sees beside what we set.
  package var environment: [String: String]

  package init(engine: EngineBinary, tools: PulumiTools, state: PulumiState, environment: [String: String]) {
    self.engine = engine
    self.tools = tools
    self.state = state
    self.environment = environment
  }

  /// - Returns: nil when it went well; otherwise what a person is told. The stack's lock is the caller's.
  package func run(
    _ document: JSONValue,
    into folder: StackFolder,
    stack: StackID,
    job: String,
    stop: StopSwitch
  ) async -> PulumiFailure? {
    let workspace = PulumiWorkspace(path: folder.job(job).workspace)
    defer { try? LocalFiles.removeTree(folder.job(job).path) }
    let name = PulumiStackName.of(stack) { SHA256.digest(of: Array($0.utf8)) }
    let file = "\(workspace.path)/state.json"
    do throws(FileError) {
      let project: JSONValue = ["name": .string(PulumiStackName.project(stack)), "runtime": "yaml"]
      let settings = folder.pulumiSettings
      try workspace.prepare(
        program: Program(files: [Program.File(path: "Pulumi.yaml", bytes: project.bytes(.pretty))]),
        stack: name,
        passphrase: state.passphrase,
        settings: LocalFiles.exists(settings) ? try LocalFiles.read(settings) : nil
      )
      try LocalFiles.create(file, with: document.bytes(.pretty), durably: false)
    } catch {
      return PulumiFailure(exit: .failed, text: error.description)
    }
    let fixed = PulumiEnvironment.fixed(
      backend: state.backend,
      passphraseFile: state.passphrase == nil ? nil : workspace.passphrase,
      home: tools.home,
      temporary: workspace.temporary,
      allowsDownload: false
    )
    let invocation = ToolInvocation(
      tool: engine.name.rawValue,
      version: engine.version,
      executable: engine.path,
      arguments: PulumiCommand.importState(file: file).arguments(stack: name),
      environment: environment.merging(fixed) { $1 },
      workingDirectory: workspace.path,
      force: .interruptedSession(seconds: PulumiRun.forceSeconds)
    )
    do throws(ToolStartError) {
      let output = try await ToolOutput.collect(invocation, stop: stop)
      guard case .code(let code) = output.exit else {
        return PulumiFailure(
          exit: stop.isStopRequested ? .cancelled : .failed,
          text: output.standardError
        )
      }
      let exit = PulumiExit(
        code: code,
        summary: nil,
        standardError: output.standardError,
        stopRequested: stop.isStopRequested
      )
      return exit == .succeeded ? nil : PulumiFailure(exit: exit, text: output.standardError)
    } catch {
      return PulumiFailure(exit: .failed, text: error.description)
    }
  }
}
