import StackModel

/// What one engine needs around a job. Made once the job has the stack's lock.
protocol EngineAdapter: Sendable {
  /// Takes in what dead jobs left, and looks that the stack can be worked on; false after telling why not.
  func recover(into outcome: inout JobOutcome) async -> Bool

  /// Readies the workspace and what runs beside the engine.
  func open() async throws -> any EngineRun
}

/// An engine at work on one job: what ``JobMachine`` asks for, carried out and told as events.
protocol EngineRun: Sendable {
  func initialize(_ outcome: inout JobOutcome) async -> JobMachine.Report
  func plan(_ outcome: inout JobOutcome) async -> JobMachine.Report
  /// Reads the plan in full.
  func show(_ outcome: inout JobOutcome) async -> JobMachine.Report
  func apply(_ outcome: inout JobOutcome) async -> JobMachine.Report
  func readOutputs(_ outcome: inout JobOutcome) async -> JobMachine.Report

  /// Ends what runs beside the engine and keeps what the job leaves; called once, however the job went.
  func close(into outcome: inout JobOutcome) async
}

/// An engine, and how it is used on this machine.
package enum EngineTools: Sendable {
  case terraform(TerraformTools)
  case pulumi(PulumiTools)

  /// - Throws: where the job was prepared for another engine.
  func adapter(_ session: EngineSession) throws(EngineMismatch) -> any EngineAdapter {
    switch (self, session.job.backend) {
    case (.terraform(let tools), .managed), (.terraform(let tools), .external):
      return TerraformAdapter(session: session, tools: tools)
    case (.pulumi(let tools), .pulumi(let state)):
      return PulumiAdapter(session: session, tools: tools, state: state)
    case (.terraform, .pulumi), (.pulumi, .managed), (.pulumi, .external): throw EngineMismatch()
    }
  }
}

/// The job's state is another engine's.
struct EngineMismatch: Error, CustomStringConvertible {
  var description: String { "the job's backend is none of the engine's" }
}
