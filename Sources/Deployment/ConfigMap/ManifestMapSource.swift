import LocalFiles
package import StackModel
import ToolProcess
import YAMLTree

/// Where a ConfigMap is read from.
package enum ManifestMapSource: Sendable, Hashable {
  /// A path, or `-` for standard input.
  case file(String)
  /// A name in the cluster that kubectl is set up for.
  case cluster(name: String, namespace: String?)

  /// What `--from-configmap` means: `-`, a file that is there or looks like one, else a name.
  package init(_ text: String, namespace: String?) {
    let looksLikeFile = text.contains("/") || [".yaml", ".yml", ".json"].contains { text.hasSuffix($0) }
    self =
      text == "-" || looksLikeFile || LocalFiles.isFile(text)
      ? .file(text) : .cluster(name: text, namespace: namespace)
  }

  /// How diagnostics name it.
  package var shownName: String {
    switch self {
    case .file(let path): InputFile.displayName(path)
    case .cluster(let name, let namespace): "configmap/\(namespace.map { "\($0)/" } ?? "")\(name)"
    }
  }

  /// The largest text that is read, in bytes: a full ConfigMap as JSON with everything escaped.
  private static let limit = 8 << 20

  /// - Parameter environment: the whole environment of kubectl: where its configuration is, and what its
  ///   credential plugins need.
  package func load(
    environment: [String: String],
    stops: ChildStops
  ) async -> Result<[UInt8], DiagnosticFailure> {
    switch self {
    case .file(let path):
      return InputFile.load(path, limit: Self.limit).mapError { DiagnosticFailure($0.diagnostic) }
    case .cluster(let name, let namespace):
      return await ask(name, namespace, environment, stops)
    }
  }

  private func ask(
    _ name: String,
    _ namespace: String?,
    _ environment: [String: String],
    _ stops: ChildStops
  ) async -> Result<[UInt8], DiagnosticFailure> {
    func failure(_ code: String, _ message: String, _ hint: String) -> Result<[UInt8], DiagnosticFailure> {
      .failure(DiagnosticFailure(.error(code, message, at: SourceLocation(file: shownName), hint: hint)))
    }
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    guard let kubectl = ExecutableFinder.find("kubectl", path: path) else {
      return failure(
        "kustomize.missing",
        "`kubectl` is not on the PATH, and the cluster is asked by it",
        "install kubectl, or give the ConfigMap as a file"
      )
    }
    let arguments =
      ["--request-timeout", "30s", "get", "configmap", name, "--output", "json"]
      + (namespace.map { ["--namespace", $0] } ?? [])
    do throws(ToolStartError) {
      let output = try await stops.collect(
        ToolInvocation(
          tool: "kubectl",
          version: "",
          executable: kubectl,
          arguments: arguments,
          environment: environment,
          workingDirectory: "/"
        )
      )
      guard let output, output.exit.isSuccess else {
        let reason = output.map { KustomizeMessage.clean($0.standardError) } ?? "stopped"
        return failure(
          "configmap.read",
          "kubectl does not give the ConfigMap: \(reason)",
          "run it by hand: kubectl \(arguments.dropFirst(2).joined(separator: " "))"
        )
      }
      return .success(Array(output.standardOutput.utf8))
    } catch {
      return failure("configmap.read", "\(error)", "check that kubectl can be run")
    }
  }
}
