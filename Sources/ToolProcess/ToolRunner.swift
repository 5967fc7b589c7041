import StackModel
import Subprocess
import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// Runs one command to its end and hands on every line it writes.
package enum ToolRunner {
  /// Runs a command in a session of its own, so that a terminal's Ctrl-C reaches us and not it.
  ///
  /// A non-zero exit code and a death by signal are normal results. Once the command is gone, what is
  /// left of its process group is killed: plugins outlive an engine that was killed.
  ///
  /// - Parameters:
  ///   - stop: what a person or a worker stops the command with.
  ///   - onStart: called with the pid as soon as there is one.
  ///   - onLine: called for each line in the order its stream wrote it; the child waits while a slow
  ///     callback works, as it would at a terminal.
  package static func run(
    _ invocation: ToolInvocation,
    stop: StopSwitch,
    onStart: @escaping @Sendable (Int) -> Void = { _ in },
    onLine: @escaping @Sendable (OutputLine) -> Void
  ) async throws(ToolStartError) -> ToolOutcome {
    // Unstructured on purpose: a cancelled caller must not close the child's pipes (see StopSwitch).
    let work = Task {
      // Without input there is no writer beside the child, only the null device.
      invocation.input.isEmpty
        ? await collect(invocation, input: .none, stop: stop, onStart: onStart, onLine: onLine)
        : await collect(
          invocation,
          input: .array(invocation.input),
          stop: stop,
          onStart: onStart,
          onLine: onLine
        )
    }
    return try await work.value.get()
  }

  private static func collect(
    _ invocation: ToolInvocation,
    input: some InputProtocol,
    stop: StopSwitch,
    onStart: @Sendable (Int) -> Void,
    onLine: @escaping @Sendable (OutputLine) -> Void
  ) async -> Result<ToolOutcome, ToolStartError> {
    var options = PlatformOptions()
    options.createSession = true
    do {
      let result = try await Subprocess.run(
        .path(FilePath(invocation.executable)),
        arguments: Arguments(invocation.arguments),
        environment: .custom(environment(invocation.environment)),
        workingDirectory: FilePath(invocation.workingDirectory),
        platformOptions: options,
        input: input,
        output: .sequence,
        error: .sequence
      ) { execution in
        let pid = execution.processIdentifier.value
        onStart(Int(pid))
        stop.attach(
          StopSwitch.Target(
            pid: pid,
            interrupt: { try? execution.send(signal: .interrupt) },
            kill: {
              if case .interruptedSession = invocation.force { ProcessSession.kill(leader: pid) }
              try? execution.send(signal: .kill, toProcessGroup: true)
            },
            grace: invocation.force.grace
          )
        )
        defer { stop.detach() }
        try await withThrowingTaskGroup(of: Void.self) { group in
          let (output, error) = (execution.standardOutput, execution.standardError)
          group.addTask { try await read(output, as: .stdout, onLine: onLine) }
          group.addTask { try await read(error, as: .stderr, onLine: onLine) }
          try await group.waitForAll()
        }
      }
      let pid = result.processIdentifier.value
      sweep(group: pid)
      if case .interruptedSession = invocation.force { ProcessSession.sweep(leader: pid) }
      return .success(ToolOutcome(exit: ToolExit(result.terminationStatus), pid: Int(pid)))
    } catch {
      return .failure(ToolStartError(executable: invocation.executable, reason: reason(error)))
    }
  }

  private static func read(
    _ sequence: SubprocessOutputSequence,
    as stream: OutputLine.Stream,
    onLine: @Sendable (OutputLine) -> Void
  ) async throws {
    var splitter = LineSplitter()
    for try await buffer in sequence {
      buffer.withUnsafeBytes { bytes in
        splitter.feed(bytes) { onLine(OutputLine(stream: stream, line: $0)) }
      }
    }
    if let last = splitter.finish() { onLine(OutputLine(stream: stream, line: last)) }
  }

  private static func environment(_ variables: [String: String]) -> [Environment.Key: String] {
    Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })
  }

  /// Kills what stayed behind in the group of a process that has just been reaped. A group's id stays
  /// taken while it has a member, and an empty one answers ESRCH.
  private static func sweep(group: pid_t) {
    kill(-group, SIGKILL)
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? SubprocessError else { return String(describing: error) }
    return switch error.code {
    case .executableNotFound: "there is no such program"
    case .failedToChangeWorkingDirectory: "its working directory is gone"
    default: error.description
    }
  }
}

extension ToolInvocation.Force {
  fileprivate var grace: Double? {
    switch self {
    case .group: nil
    case .interruptedSession(let seconds): seconds
    }
  }
}

extension ToolExit {
  init(_ status: TerminationStatus) {
    self =
      switch status {
      case .exited(let code): .code(Int(code))
      case .signaled(let signal): .signal(Int(signal))
      }
  }
}
