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
    let newline = UInt8(ascii: "\n")
    // Bytes, and an error when there are some that cannot be read: what stands in it is somebody else's.
    var bytes = LocalFiles.exists(path) ? try LocalFiles.read(path) : []
    let lines = Set(bytes.split(separator: newline).map(Array.init))
    if let last = bytes.last, last != newline { bytes.append(newline) }
    for name in names.map({ Array($0.utf8) }) where !lines.contains(name) { bytes += name + [newline] }
    try LocalFiles.replace(path, with: bytes, mode: 0o644)
  }
}
