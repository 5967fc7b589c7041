import ArgumentParser
import Deployment

/// Which overlay's variables, and what is put in their place.
struct LocalEnvironmentOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The service's folder: it, one above or one below holds _kustomize.",
      valueName: "folder"
    ),
    completion: .directory
  )
  var folder = "."

  @Option(name: .customLong("env"), help: ArgumentHelp("The overlay to take.", valueName: "overlay"))
  var overlay = "local"

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("A variable's value, in place of its own or as one more.", valueName: "name=value")
  )
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "Groups that $variables-group/... and $secrets-group/... are looked up in; may be repeated.",
      valueName: "file"
    ),
    completion: .file(extensions: ["yaml", "yml", "json"])
  )
  var references: [String] = []

  @Option(
    help: ArgumentHelp("A folder of kinds, searched before all others.", valueName: "folder"),
    completion: .directory
  )
  var templates: [String] = []

  /// Names and values of `--set`; the last of a name counts.
  var assignments: [(name: String, value: String)] {
    self.set.compactMap { text in
      text.firstIndex(of: "=").map { (String(text[..<$0]), String(text[text.index(after: $0)...])) }
    }
  }

  func validate() throws {
    for text in set where text.first == "=" || !text.contains("=") {
      throw ValidationError("--set \(text): write NAME=VALUE")
    }
    for (name, _) in assignments where !DotEnvFile.isKey(name) {
      throw ValidationError(
        "--set: `\(name)` is no name of a variable; it has letters, digits, `_`, `.` and `-`"
      )
    }
  }
}
