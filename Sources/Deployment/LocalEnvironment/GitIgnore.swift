package import LocalFiles
import StackModel
import ToolProcess

/// Whether git would commit files.
package enum GitIgnore {
  /// Those of the files that git tracks or does not ignore; empty outside of a repository or without git.
  ///
  /// - Parameter environment: ours; git sees what any program needs of it.
  package static func exposed(
    _ names: [String],
    in folder: String,
    environment: [String: String],
    stops: ChildStops
  ) async -> [String] {
    let child = EnvironmentPolicy(allowed: EnvironmentPolicy.basics, reserved: []).select(from: environment)
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    guard let git = ExecutableFinder.find("git", path: path) else { return [] }
    func ask(_ arguments: [String]) async -> ToolOutput? {
      let invocation = ToolInvocation(
        tool: "git",
        version: "",
        executable: git,
        arguments: arguments,
        environment: child.variables,
        workingDirectory: LocalFiles.absolute(folder)
      )
      return (try? await stops.collect(invocation)) ?? nil
    }
    guard await ask(["rev-parse", "--is-inside-work-tree"])?.exit.isSuccess == true else { return [] }
    // 0 with the ignored names, 1 with none. A tracked file counts as not ignored.
    guard let output = await ask(["check-ignore", "--"] + names) else { return [] }
    let ignored = Set(output.standardOutput.split(separator: "\n").map(String.init))
    return names.filter { !ignored.contains($0) }
  }

  /// Adds lines to the folder's .gitignore, those that it lacks.
  package static func add(_ names: [String], to folder: String) throws(FileError) {
    let path = "\(folder)/.gitignore"
    var text = LocalFiles.text(path) ?? ""
    let lines = Set(text.split(separator: "\n").map(String.init))
    if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
    for name in names where !lines.contains(name) { text += name + "\n" }
    try LocalFiles.replace(path, with: Array(text.utf8), mode: 0o644)
  }
}
