import LocalFiles
package import StackModel
package import ToolProcess

/// A cluster, asked by `kubectl`: it knows every way to log in, credential plugins included.
package struct Kubectl: KubernetesAPI {
  private let executable: String
  private let access: KubectlAccess
  /// The whole environment of the child.
  private let environment: [String: String]
  private let timeoutSeconds: Int
  private let stop: StopSwitch

  /// - Parameters:
  ///   - environment: what kubectl and its credential plugins may see.
  ///   - timeoutSeconds: for one request.
  package init(
    access: KubectlAccess,
    environment: [String: String],
    timeoutSeconds: Int = 10,
    stop: StopSwitch = StopSwitch()
  ) throws(PlatformFailure) {
    guard let found = ExecutableFinder.find("kubectl", path: environment["PATH"] ?? "/usr/bin:/bin") else {
      throw PlatformFailure(
        .unavailable,
        "`kubectl` is not on the PATH, and the cluster is asked by it",
        hint: "install kubectl: https://kubernetes.io/docs/tasks/tools/"
      )
    }
    executable = found
    self.access = access
    self.environment = environment
    self.timeoutSeconds = timeoutSeconds
    self.stop = stop
  }

  package func get(_ path: String) async throws(PlatformFailure) -> JSONValue {
    let output: ToolOutput
    do throws(ToolStartError) {
      output = try await ToolOutput.collect(
        ToolInvocation(
          tool: "kubectl",
          version: "",
          executable: executable,
          arguments: access.arguments(path: path, timeoutSeconds: timeoutSeconds),
          environment: environment.merging(access.variables) { $1 },
          workingDirectory: "/"
        ),
        stop: stop
      )
    } catch {
      throw PlatformFailure(.unavailable, "\(error)")
    }
    guard output.exit.isSuccess else { throw KubectlMessage.failure(output.standardError, asking: path) }
    do throws(JSONParseError) {
      return try JSONValue(parsing: output.standardOutput)
    } catch {
      throw PlatformFailure(.refused, "the answer to \(path) is not JSON: \(error)")
    }
  }
}

/// Which cluster, and by whose credentials.
package struct KubectlAccess: Sendable, Hashable {
  /// Several are merged, as kubectl does with `KUBECONFIG`. Absolute paths.
  package var kubeconfigs: [String]
  /// Nil for the current one of the files.
  package var context: String?

  package init(kubeconfigs: [String], context: String? = nil) {
    self.kubeconfigs = kubeconfigs
    self.context = context
  }

  /// A path is asked for as it is: without `--raw` kubectl would first read all that the server can do.
  func arguments(path: String, timeoutSeconds: Int) -> [String] {
    var arguments: [String] = []
    if kubeconfigs.count == 1 { arguments += ["--kubeconfig", kubeconfigs[0]] }
    if let context { arguments += ["--context", context] }
    return arguments + ["--request-timeout", "\(timeoutSeconds)s", "get", "--raw", path]
  }

  /// The flag takes one file, only the variable takes several.
  var variables: [String: String] {
    kubeconfigs.count == 1 ? [:] : ["KUBECONFIG": kubeconfigs.joined(separator: ":")]
  }
}
