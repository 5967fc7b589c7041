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
    /// It is older, or newer, than what jobs run with.
    case unsupported(name: EngineName, path: String, version: String)
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
    let version = try await askVersion(of: path, name: name, environment: environment, stop: stop)
    guard name.supports(version) else { throw .unsupported(name: name, path: path, version: version) }
    return EngineBinary(name: name, path: path, version: version)
  }

  private static func askVersion(
    of path: String,
    name: EngineName,
    environment: [String: String],
    stop: StopSwitch
  ) async throws(Problem) -> String {
    let invocation = ToolInvocation(
      tool: path,
      version: "",
      executable: path,
      arguments: name == .pulumi
        ? PulumiCommand.version.arguments(stack: "") : TerraformCommand.version.arguments,
      // A user's CLI configuration could be broken or could make the call reach the network.
      environment: environment.merging(
        name == .pulumi
          ? ["PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_AUTOMATION_API": "true"]
          : ["CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/dev/null"],
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
    guard let version = name.version(in: output.standardOutput) else {
      let command = name == .pulumi ? "version" : "version -json"
      throw .unusable(path: path, reason: "`\(command)` did not print a version")
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
  /// The oldest release that jobs run with.
  package var minimumVersion: String {
    switch self {
    // The first with write-only attributes, which keep secrets out of the state.
    case .terraform, .tofu: "1.11.0"
    // The one whose events and ends were recorded.
    case .pulumi: "3.210.0"
    }
  }

  /// The first release that is none of these any more; nil where nothing is known to end them.
  package var endVersion: String? { self == .pulumi ? "4.0.0" : nil }

  /// For people: which releases.
  package var range: String { "\(minimumVersion) or later" + (endVersion.map { ", before \($0)" } ?? "") }

  package func supports(_ version: String) -> Bool {
    EngineBinary.isAtLeast(minimumVersion, version)
      && endVersion.map { !EngineBinary.isAtLeast($0, version) } ?? true
  }
}

extension EngineName {
  /// The version in what the engine's `version` prints: a document, or `v3.210.0` alone.
  fileprivate func version(in output: String) -> String? {
    guard self == .pulumi else { return (try? JSONValue(parsing: output))?["terraform_version"]?.string }
    let line = output.split(separator: "\n").first.map(String.init) ?? ""
    let version = line.hasPrefix("v") ? String(line.dropFirst()) : line
    return version.first?.isNumber == true && version.contains(".") ? version : nil
  }
}
