import ArgumentParser
import StackModel

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Print the version."
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func run() {
    switch output {
    case .text: Console.print("stackjob \(Version.text)")
    case .json: Console.write(JSONValue.object(["stackjob": .string(Version.text)]).bytes(.pretty))
    }
  }
}
