import ArgumentParser
import Presentation
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at tools, providers, credentials and folders, and say what to do.",
    discussion: """
      Ends with 69 when something that every job needs is missing.

      EXAMPLES
        stackjob doctor
        stackjob doctor --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func run() async throws {
    let session = try Session.open(templates: [])
    let checks = await Examination(session: session).run()
    switch output {
    case .json:
      Console.write(JSONValue.object(["checks": .array(checks.map(\.json))]).bytes(.pretty))
    case .text:
      let width = checks.map(\.name.count).max() ?? 0
      for check in checks {
        let symbol =
          switch check.status {
          case .ok: "ok     "
          case .notice: "note   "
          case .missing: "MISSING"
          }
        let padding = String(repeating: " ", count: width - check.name.count)
        Console.print("\(symbol)  \(check.name)\(padding)  \(check.found)")
        if let advice = check.advice {
          Console.print("\(String(repeating: " ", count: width + 11))\(advice)")
        }
      }
    }
    if checks.contains(where: { $0.status == .missing }) { throw StackModel.ExitCode.unavailable.thrown }
  }
}
