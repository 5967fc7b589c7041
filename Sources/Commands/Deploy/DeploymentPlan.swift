import Deployment
import JobRunner
import LocalFiles
import StackModel
import ToolProcess

/// A preview of every task, told as `plan` tells its jobs.
struct DeploymentPlan {
  let session: Session
  let engine: EngineOptions
  let output: OutputOptions
  let interrupts: InterruptController

  func run(_ tasks: [TaskPreparation.Prepared]) async throws {
    let setups = try await EngineSetups.prepare(
      Set(tasks.map(\.engine)),
      session: session,
      stop: interrupts.stop
    )
    let masked = try JobCommand.masks(session, engine)
    var reporter = Reporter(output: output, environment: session.environment)
    var outcomes: [JobOutcome] = []
    for task in tasks where !interrupts.stop.isStopRequested {
      guard let setup = setups[task.engine] else { continue }
      let listener = reporter.open()
      let execution = JobExecution(session: task.session, operation: .preview, engine: engine)
      do {
        let outcome = try await execution.run(
          task.job,
          setup: setup,
          masked: masked,
          interrupts: interrupts.branch(),
          sink: { listener.handle($0) },
          approve: { _ in .cancelled }
        )
        listener.end(outcome: outcome)
        outcomes.append(outcome)
      } catch {
        Console.show([JobExecution.problem(error)])
        throw StackModel.ExitCode.failed.thrown
      }
    }
    if tasks.isEmpty { Console.note("nothing would be deployed: no overlay is selected\n") }
    reporter.finish()
    // A failed look hinders no other, and the whole has failed.
    if let bad = outcomes.first(where: { $0.exitCode != .done }) { throw bad.exitCode.thrown }
  }
}
