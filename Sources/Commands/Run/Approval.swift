import JobRunner
import StackModel
import Synchronization
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// Asks the person at the terminal.
enum Approval {
  static func ask(
    _ request: ApprovalRequest,
    listener: JobListener,
    stop: StopSwitch
  ) async -> ApprovalDecision {
    guard isatty(STDIN_FILENO) == 1 else {
      return .rejected(
        by: "stackjob",
        how: "there is no terminal to ask at; --auto-approve applies without asking"
      )
    }
    let verb = request.operation == .destroy ? "Destroy" : "Apply"
    // Only what is typed below the plan answers it, not an Enter or a `yes` from before it was there.
    tcflush(STDIN_FILENO, TCIFLUSH)
    listener.prompt("\(verb) these changes to \(request.stack)? Only `yes` is taken: ")
    guard let answer = await readLine(stop: stop) else { return .cancelled }
    let user = User.name(ProcessEnvironment.read())
    return answer == "yes"
      ? .approved(by: user, how: "answered at the terminal")
      : .rejected(by: user, how: "answered at the terminal")
  }

  /// A line from the terminal; nil when the job was stopped meanwhile or the input ended.
  static func readLine(stop: StopSwitch) async -> String? {
    var line: [UInt8] = []
    while !stop.isStopRequested {
      var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      // Short enough that Ctrl-C feels immediate, long enough to cost nothing.
      guard poll(&request, 1, 100) > 0 else {
        await Task.yield()
        continue
      }
      var byte: UInt8 = 0
      guard read(STDIN_FILENO, &byte, 1) == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    return nil
  }
}
