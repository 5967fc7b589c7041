package import StackModel
package import ToolProcess

/// An installed engine.
package struct EngineBinary: Sendable {
  package var name: EngineName
  package var path: String
  package var version: String

  package init(name: EngineName, path: String, version: String) {
    self.name = name
    self.path = path
    self.version = version
  }

  package enum Problem: Error, Sendable {
    case notFound(name: String)
    case unusable(path: String, reason: String)
    case tooOld(name: EngineName, path: String, version: String)
  }

  /// Finds the engine on a `PATH`, asks for its version and checks it.
  package static func find(
    _ name: EngineName,
    path searchPath: String,
    environment: [String: String],
    stop: StopSwitch = StopSwitch()
  ) async throws(Problem) -> EngineBinary {
    guard let path = ExecutableFinder.find(name.rawValue, path: searchPath) else {
      throw .notFound(name: name.rawValue)
    }
    let version = try await askVersion(of: path, environment: environment, stop: stop)
    guard name.supports(version) else { throw .tooOld(name: name, path: path, version: version) }
    return EngineBinary(name: name, path: path, version: version)
  }

  private static func askVersion(
    of path: String,
    environment: [String: String],
    stop: StopSwitch
  ) async throws(Problem) -> String {
    let invocation = ToolInvocation(
      tool: path,
      version: "",
      executable: path,
      arguments: TerraformCommand.version.arguments,
      // A user's CLI configuration could be broken or could make the call reach the network.
      environment: environment.merging(
        ["CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/dev/null"],
        uniquingKeysWith: { $1 }
      ),
      workingDirectory: "/"
    )
    let output: ToolOutput
    do {
      output = try await ToolOutput.collect(invocation, stop: stop)
    } catch {
      throw .unusable(path: path, reason: error.reason)
    }
    guard let json = try? JSONValue(parsing: output.standardOutput),
      let version = json["terraform_version"]?.string
    else {
      throw .unusable(path: path, reason: "`version -json` did not print a version")
    }
    return version
  }

  /// Compares the dotted numbers of two versions; a pre-release counts as its release.
  package static func isAtLeast(_ minimum: String, _ version: String) -> Bool {
    func numbers(_ text: String) -> [Int] {
      text.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").map { Int($0) ?? 0 }
    }
    return !numbers(version).lexicographicallyPrecedes(numbers(minimum))
  }
}

extension EngineName {
  /// The oldest release with write-only attributes, which keep secrets out of the state.
  package var minimumVersion: String { "1.11.0" }

  package func supports(_ version: String) -> Bool { EngineBinary.isAtLeast(minimumVersion, version) }
}
