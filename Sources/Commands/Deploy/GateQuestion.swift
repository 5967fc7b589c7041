import Deployment
import JobRunner
import StackModel
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Asks the person at the terminal about a gate.
enum GateQuestion {
  enum Answer: Sendable {
    case decided(GateDecision)
    /// Not now: the run stays as it is.
    case later
  }

  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 }

  static func ask(_ task: String, environment: [String: String], stop: StopSwitch) async -> Answer {
    tcflush(STDIN_FILENO, TCIFLUSH)
    Console.ask("\(task) has a gate. Deploy it? `yes`, `no`, or Enter to decide later: ")
    let answer = await Approval.readLine(stop: stop)
    guard answer == "yes" || answer == "no" else { return .later }
    var reason: String?
    if answer == "no" {
      Console.ask("Why not? ")
      reason = await Approval.readLine(stop: stop)
      guard let reason, !reason.allSatisfy(\.isWhitespace) else {
        Console.note("without a reason nothing is rejected; the gate stays open\n")
        return .later
      }
    }
    return .decided(
      GateDecision(
        task: task,
        isApproved: answer == "yes",
        by: User.name(environment),
        at: WallClock.now(),
        reason: reason
      )
    )
  }
}
