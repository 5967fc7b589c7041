import LocalFiles
package import References
import StackModel
import Synchronization
import ToolProcess

/// Any command that prints one value.
package struct CommandSource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  /// The program and its arguments, with placeholders.
  private let line: [String]
  private let tool: SourceTool
  /// What the command ends with when it has nothing of that name.
  private let missingExit: Int?

  package init(name: String, kinds: Set<GroupKind>, line: [String], missingExit: Int?, tool: SourceTool) {
    self.name = name
    self.kinds = kinds
    self.line = line
    self.missingExit = missingExit
    self.tool = tool
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    let words = line.map { Placeholders(text: $0).filled(reference) }
    switch await tool.run(words) {
    case .failure(let failure): return .failed(failure)
    case .success(let output):
      if output.exit.isSuccess {
        guard !output.standardOutput.unicodeScalars.contains("\u{FFFD}") else {
          return .failed(SourceFailure(.refused, "`\(words[0])` printed bytes that are not UTF-8 text"))
        }
        return .found(output.standardOutput.withoutFinalNewline)
      }
      if let missingExit, output.exit == .code(missingExit) { return .missing(known: []) }
      return .failed(SourceTool.failure(of: words[0], output))
    }
  }
}

/// Runs the tools of sources: nothing inherited but what is allowed, and no longer than allowed.
package struct SourceTool: Sendable {
  private let environment: [String: String]
  private let timeoutSeconds: Int
  private let workingDirectory: String

  package init(environment: [String: String], timeoutSeconds: Int, workingDirectory: String) {
    self.environment = environment
    self.timeoutSeconds = timeoutSeconds
    self.workingDirectory = workingDirectory
  }

  func run(_ words: [String]) async -> Result<ToolOutput, SourceFailure> {
    let path = environment["PATH"] ?? "/usr/bin:/bin"
    guard let first = words.first, let executable = ExecutableFinder.find(first, path: path) else {
      return .failure(
        SourceFailure(.unavailable, "there is no program `\(words.first ?? "")` on the PATH")
      )
    }
    let stop = StopSwitch()
    let isLate = Mutex(false)
    let watch = Task { [timeoutSeconds] in
      try await Task.sleep(for: .seconds(timeoutSeconds))
      isLate.withLock { $0 = true }
      // Killed at once: it only reads.
      stop.force()
    }
    defer { watch.cancel() }
    do throws(ToolStartError) {
      let output = try await ToolOutput.collect(
        ToolInvocation(
          tool: LocalFiles.name(of: executable),
          version: "",
          executable: executable,
          arguments: Array(words.dropFirst()),
          environment: environment,
          workingDirectory: workingDirectory
        ),
        stop: stop
      )
      if isLate.withLock({ $0 }) {
        return .failure(
          SourceFailure(
            .unavailable,
            "`\(first)` took longer than \(timeoutSeconds) seconds",
            hint: "set `timeoutSeconds` of the source if it needs more"
          )
        )
      }
      return .success(output)
    } catch {
      return .failure(SourceFailure(.unavailable, "\(error)"))
    }
  }

  /// By the last line about an error that the tool wrote to standard error, else its last; what it printed may be
  /// a secret.
  static func failure(of tool: String, _ output: ToolOutput) -> SourceFailure {
    let lines = output.standardError.split(whereSeparator: \.isNewline)
    let line = lines.last { $0.lowercased().contains("error:") } ?? lines.last
    let said = line.map { ": \($0.prefix(300))" } ?? ""
    let end =
      switch output.exit {
      case .code(let code): "ended with \(code)"
      case .signal(let signal): "was killed by signal \(signal)"
      }
    return SourceFailure(.refused, "`\(tool)` \(end)\(said)")
  }
}
