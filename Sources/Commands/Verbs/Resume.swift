import ArgumentParser
import Deployment
import JobRunner
import StackModel

struct Resume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a deployment from where it stands.",
    discussion: """
      After a crash, a stop, a failure, or once a gate has been decided. It deploys the manifests that were built \
      when the run was made; references are looked up anew. What has succeeded is not run again.

      EXAMPLES
        stackjob resume 20260301T093000250Z-k3x9
        stackjob resume last
      """
  )

  @Argument(help: ArgumentHelp("The run: its id, the beginning of it, or last.", valueName: "run"))
  var name: String

  @OptionGroup var engine: EngineOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Stay at a gate until somebody decides elsewhere.")
  var wait = false

  func run() async throws {
    let (access, run) = try RunAccess.find(name)
    var launch = RunLaunch(access: access, engine: engine, output: output, interrupts: InterruptController())
    launch.waitsAtGates = wait
    try await launch.resume(run)
  }
}
