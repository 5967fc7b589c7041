import StackModel

/// What a person is told when they ask a job to stop.
enum InterruptionText {
  static func interruption(
    _ action: Interrupter.Action,
    engine: String,
    inFlight: [ResourceStep],
    savedSerial: Int?
  ) -> Interruption {
    let names = inFlight.map { "\($0.address) (\($0.action))" }.joined(separator: ", ")
    let saved = savedSerial.map { "state serial \($0)" } ?? "the last saved state"
    switch action {
    case .stop:
      let work = inFlight.isEmpty ? "" : " In flight: \(names)."
      return Interruption(
        step: .stopping,
        message: "Stopping: \(engine) was asked to end what is in flight and to save its state.\(work)"
          + " Ctrl-C again says what a forced stop would lose."
      )
    case .warn:
      let loss =
        inFlight.isEmpty
        ? "No resource is in flight; a forced stop may leave the state at \(saved)."
        : "Still working on \(names). A forced stop leaves the state at \(saved): what was done to"
          + " these since then may exist without the state knowing."
      return Interruption(
        step: .warned,
        message: "\(loss) Ctrl-C again within \(Int(Interrupter.forceWindow)) seconds forces it."
      )
    case .force:
      let deed =
        engine == EngineName.pulumi.rawValue
        ? "was told to give up at once, and is killed with its plugins in \(Int(PulumiRun.forceSeconds)) seconds"
        : "and its plugins were killed"
      return Interruption(
        step: .forced,
        message: "Forced: \(engine) \(deed)."
          + (inFlight.isEmpty ? "" : " Check these by hand: \(names).")
      )
    }
  }
}
