package import StackModel

/// A command that is ready to run: everything is decided, nothing is inherited.
package struct ToolInvocation: Sendable {
  /// The name used in events, for example `terraform`.
  package var tool: String
  package var version: String
  /// Absolute path of the executable.
  package var executable: String
  package var arguments: [String]
  /// The whole environment of the child.
  package var environment: [String: String]
  package var workingDirectory: String
  /// How it is ended by force.
  package var force: Force
  /// What it reads from standard input; it finds the end there at once when this is empty.
  package var input: [UInt8]

  package init(
    tool: String,
    version: String,
    executable: String,
    arguments: [String],
    environment: [String: String],
    workingDirectory: String,
    force: Force = .group,
    input: [UInt8] = []
  ) {
    self.tool = tool
    self.version = version
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.force = force
    self.input = input
  }
}

extension ToolInvocation {
  /// What a forced stop does to a command.
  package enum Force: Sendable, Equatable {
    /// SIGKILL to its process group.
    case group
    /// A second SIGINT, which it takes for "give up at once"; and SIGKILL to its whole session where that does not end
    /// it in so many seconds, or when force is asked for again. Its children may have groups of their own.
    case interruptedSession(seconds: Double)
  }
}

/// One line that a child wrote.
package struct OutputLine: Sendable {
  package enum Stream: String, Sendable {
    case stdout, stderr
  }

  package var stream: Stream
  package var line: LineSplitter.Line
}

/// What is known of a child once it is gone.
package struct ToolOutcome: Sendable {
  package var exit: ToolExit
  package var pid: Int
}

/// Why a command could not be started. A command that ran and failed is no error: see ``ToolExit``.
package struct ToolStartError: Error, CustomStringConvertible {
  package var executable: String
  package var reason: String

  package var description: String { "cannot start \(executable): \(reason)" }
}
