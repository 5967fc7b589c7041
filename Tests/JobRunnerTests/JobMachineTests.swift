import JobRunner
import StackModel
import Testing

@Suite struct JobMachineTests {
  typealias Action = JobMachine.Action
  typealias Report = JobMachine.Report

  /// Walks the machine with these reports and gives the actions it asked for.
  private func walk(_ flow: JobMachine.Flow, _ reports: [Report]) -> [Action] {
    var machine = JobMachine(flow)
    return [machine.first] + reports.map { machine.next(after: $0) }
  }

  @Test func `a preview shows its plan and ends`() {
    #expect(
      walk(.init(operation: .preview), [.succeeded, .succeeded, .planned(hasChanges: true)])
        == [.initialize, .plan, .show, .finish(.succeeded)]
    )
  }

  @Test func `an update asks between plan and apply`() {
    #expect(
      walk(
        .init(operation: .update, needsApproval: true),
        [.succeeded, .succeeded, .planned(hasChanges: true), .approved, .succeeded]
      )
        == [.initialize, .plan, .show, .approve, .apply, .finish(.succeeded)]
    )
  }

  @Test func `nothing to change means nothing to approve and nothing to apply`() {
    #expect(
      walk(
        .init(operation: .update, needsApproval: true),
        [.succeeded, .succeeded, .planned(hasChanges: false)]
      ).last
        == .finish(.succeeded)
    )
  }

  @Test func `an update that nobody looks at skips the show`() {
    #expect(
      walk(.init(operation: .update, showsPlan: false), [.succeeded, .planned(hasChanges: true), .succeeded])
        == [.initialize, .plan, .apply, .finish(.succeeded)]
    )
  }

  @Test func `a saved plan is shown and applied, never made anew`() {
    #expect(
      walk(
        .init(operation: .update, appliesSavedPlan: true),
        [.succeeded, .planned(hasChanges: true), .succeeded]
      )
        == [.initialize, .show, .apply, .finish(.succeeded)]
    )
  }

  @Test func `outputs are read after init alone`() {
    #expect(
      walk(.init(operation: .outputs), [.succeeded, .succeeded])
        == [.initialize, .readOutputs, .finish(.succeeded)]
    )
  }

  @Test(arguments: [(Report.failed, JobResult.failed), (.cancelled, .cancelled), (.rejected, .rejected)])
  func `a bad end of any phase is the end of the job`(report: Report, result: JobResult) {
    for count in 0..<4 {
      let good: [Report] = [.succeeded, .succeeded, .planned(hasChanges: true), .approved]
      let actions = walk(
        .init(operation: .destroy, needsApproval: true),
        Array(good.prefix(count)) + [report]
      )
      #expect(actions.last == .finish(result))
    }
  }

  @Test func `drift and previews never reach an apply`() {
    for operation in [Operation.preview, .destroyPreview, .drift] {
      let flow = JobMachine.Flow(operation: operation)
      #expect(walk(flow, [.succeeded, .succeeded, .planned(hasChanges: true)]).last == .finish(.succeeded))
    }
  }
}

@Suite struct InterrupterTests {
  @Test func `one stops, two warn, three within five seconds force`() {
    var interrupter = Interrupter()
    #expect(interrupter.request(at: 0) == .stop)
    #expect(interrupter.request(at: 1) == .warn)
    #expect(interrupter.request(at: 5.9) == .force)
  }

  @Test func `a service manager and a closing terminal never force`() {
    var interrupter = Interrupter()
    #expect(interrupter.politeRequest() == .stop)
    #expect(interrupter.politeRequest() == nil)
    #expect(interrupter.request(at: 1) == .warn)
    #expect(interrupter.politeRequest() == nil)
    #expect(interrupter.request(at: 2) == .force)
  }

  @Test func `a late third is a second again`() {
    var interrupter = Interrupter()
    #expect(interrupter.request(at: 0) == .stop)
    #expect(interrupter.request(at: 1) == .warn)
    #expect(interrupter.request(at: 6.1) == .warn)
    #expect(interrupter.request(at: 7) == .force)
  }
}
