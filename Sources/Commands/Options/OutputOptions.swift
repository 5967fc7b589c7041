import ArgumentParser

/// The forms that a job can be told in.
enum JobOutput: String, CaseIterable, ExpressibleByArgument {
  /// For a person: live at a terminal, plain lines elsewhere.
  case text
  /// One document at the end.
  case json
  /// One event a line, as it happens.
  case ndjson
  /// One document fit for a pull-request comment.
  case markdown
}

struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "How the job is told: text, json, ndjson or markdown.")
  var output: JobOutput = .text

  @Flag(name: .shortAndLong, help: "Only the result and problems.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Also the engine's own messages.")
  var verbose = false

  func validate() throws {
    Console.tellDocument(output == .json)
  }

  /// Refuses to ask about a plan that the asked has not been shown.
  func requireShownPlan(autoApprove: Bool) throws {
    guard autoApprove || (output == .text && !quiet) else {
      throw ValidationError("without --auto-approve the plan has to be shown: leave --output and --quiet out")
    }
  }
}
