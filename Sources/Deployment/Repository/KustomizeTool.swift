package import StackModel
import ToolProcess

/// The program that builds overlays: `kustomize`, or `kubectl`, which has it built in.
package struct KustomizeTool: Sendable {
  package enum Program: String, Sendable, CaseIterable {
    case kustomize, kubectl
  }

  package var program: Program
  package var executable: String
  /// Of kustomize itself, whichever program has it. Empty for a build without one.
  package var version: String
  /// The whole environment of the child.
  package var environment: [String: String]

  /// The first with the `openapi` field, which lists are merged by.
  package static let minimumVersion = "4.2.0"

  /// What a build may see of our environment. A base that is fetched by git needs an agent's keys.
  package static let allowedEnvironment =
    EnvironmentPolicy.basics + ["SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_SSH_COMMAND"]

  /// The first of the two programs that is there and new enough.
  package static func find(
    environment: [String: String],
    stops: ChildStops
  ) async -> Result<KustomizeTool, DiagnosticFailure> {
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let child = EnvironmentPolicy(allowed: allowedEnvironment, reserved: []).select(from: environment)
      .variables
    var problems: [Diagnostic] = []
    for program in Program.allCases {
      guard let executable = ExecutableFinder.find(program.rawValue, path: path) else { continue }
      var tool = KustomizeTool(program: program, executable: executable, version: "", environment: child)
      switch await tool.askVersion(stops) {
      case .success(let version): tool.version = version
      case .failure(let failure):
        problems += failure.diagnostics
        continue
      }
      if tool.version.isEmpty || isAtLeast(minimumVersion, tool.version) { return .success(tool) }
      problems.append(
        .error(
          "kustomize.too-old",
          "\(executable) has kustomize \(tool.version); \(minimumVersion) or later is needed",
          hint: "install a newer kustomize or kubectl"
        )
      )
    }
    if problems.isEmpty {
      problems.append(
        .error(
          "kustomize.missing",
          "neither `kustomize` nor `kubectl` is on the PATH, and overlays are built by one of them",
          hint:
            "install kustomize \(minimumVersion) or later: https://kubectl.docs.kubernetes.io/installation/"
        )
      )
    }
    return .failure(DiagnosticFailure(problems))
  }

  func build(_ overlay: String, in folder: String) -> ToolInvocation {
    invocation([program == .kustomize ? "build" : "kustomize", overlay], in: folder)
  }

  /// As a person would type it.
  func command(_ folder: String) -> String {
    let plain = folder.utf8.allSatisfy { byte in
      byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "+")...UInt8(ascii: "9") ~= byte
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "@")
    }
    let word = plain ? folder : "'\(folder.replacing("'", with: #"'\''"#))'"
    return program == .kustomize ? "kustomize build \(word)" : "kubectl kustomize \(word)"
  }

  private func invocation(_ arguments: [String], in folder: String) -> ToolInvocation {
    ToolInvocation(
      tool: program.rawValue,
      version: version,
      executable: executable,
      arguments: arguments,
      environment: environment,
      workingDirectory: folder
    )
  }

  private func askVersion(_ stops: ChildStops) async -> Result<String, DiagnosticFailure> {
    let arguments = program == .kustomize ? ["version"] : ["version", "--client", "--output", "json"]
    let reason: String
    do throws(ToolStartError) {
      let output = try await stops.collect(invocation(arguments, in: "/"))
      if let output, output.exit.isSuccess {
        return .success(Self.version(program, output.standardOutput))
      }
      reason = output.map { KustomizeMessage.clean($0.standardError) } ?? "stopped"
    } catch {
      reason = error.reason
    }
    return .failure(
      DiagnosticFailure(
        .error(
          "kustomize.unusable",
          "\(executable) cannot be used: \(reason)",
          hint: "run it by hand: \(executable) \(arguments.joined(separator: " "))"
        )
      )
    )
  }

  /// `5.4.2` out of `v5.4.2`, `{kustomize/v4.5.7 2022-...}` or kubectl's JSON. A kubectl that does not say
  /// has one from before 4.2.
  static func version(_ program: Program, _ text: String) -> String {
    switch program {
    case .kustomize: number(in: text)
    case .kubectl:
      (try? JSONValue(parsing: text))?["kustomizeVersion"]?.string.map(number) ?? "4.0.5"
    }
  }

  /// The first three numbers with dots between.
  private static func number(in text: String) -> String {
    for word in text.split(whereSeparator: { !("0"..."9" ~= $0 || $0 == ".") }) {
      let parts = word.split(separator: ".", omittingEmptySubsequences: false)
      if parts.count == 3, parts.allSatisfy({ Int($0) != nil }) { return String(word) }
    }
    return ""
  }

  static func isAtLeast(_ minimum: String, _ version: String) -> Bool {
    func numbers(_ text: String) -> [Int] { text.split(separator: ".").map { Int($0) ?? 0 } }
    return !numbers(version).lexicographicallyPrecedes(numbers(minimum))
  }
}
