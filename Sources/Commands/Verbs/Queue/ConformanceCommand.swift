import ArgumentParser
import JobSources
import StackModel

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Check whether a server keeps to the protocol of jobs over HTTP.",
    discussion: """
      Plays a client and a worker, with jobs of its own that no engine ever sees. The queue has to be empty and in \
      nobody else's use. Ends with 1 when a promise is broken. docs/protocol.md describes the protocol.

      EXAMPLES
        stackjob conformance http://127.0.0.1:8080
        stackjob conformance https://jobs.example.com/test --token-file token --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }
  enum Role: String, CaseIterable, ExpressibleByArgument { case server }

  @Argument(help: ArgumentHelp("The URL of the queue.", valueName: "url"))
  var url: String

  @Option(help: "What is checked: server.")
  var role: Role = .server

  @OptionGroup var endpoint: EndpointOptions

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func validate() throws {
    guard QueueOptions.isURL(url) else {
      throw ValidationError("\(url): expected a URL with https:// or http://")
    }
    try QueueOptions.check(url)
  }

  func run() throws {
    let widest = Conformance.checks.map(\.check.count).max() ?? 0
    let endpoint = endpoint.endpoint(url)
    // Whoever may ask nothing can check nothing.
    if case .denied(_, let words) = endpoint.ask(QueueEndpoint.Request("GET", "/jobs")) {
      throw QueueFailure.told(QueueClient.Failure(kind: .denied, words: words))
    }
    let findings = Conformance(endpoint).run { finding in
      if output == .text { Console.print(Self.line(finding, widest)) }
    }
    let broken = findings.count(where: \.isBroken)
    if output == .json {
      let document: JSONValue = [
        "url": .string(url), "role": .string(role.rawValue), "broken": .int(broken),
        "checks": .array(findings.map(\.json)),
      ]
      Console.write(document.bytes(.pretty))
    } else {
      Console.print("\(findings.count) checks, \(broken) broken")
    }
    if broken > 0 { throw StackModel.ExitCode.failed.thrown }
  }

  private static func line(_ finding: Conformance.Finding, _ width: Int) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let (word, reason): (String, String) =
      switch finding.verdict {
      case .kept: ("kept", "")
      case .broken(let reason): ("BROKEN", reason)
      case .skipped(let reason): ("skipped", reason)
      }
    let start = "\(padded(finding.group, 8))\(padded(finding.check, width + 2))\(word)"
    return reason.isEmpty ? start : "\(start)  \(reason)"
  }
}
