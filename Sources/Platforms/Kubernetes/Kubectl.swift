package import StackModel
import Synchronization
import ToolProcess

/// A cluster, asked by `kubectl`: it knows every way to log in, credential plugins included.
package final class Kubectl: KubernetesAPI {
  private struct State {
    var running: [ObjectIdentifier: StopSwitch] = [:]
    var isClosed = false
  }

  private let executable: String
  private let access: KubectlAccess
  /// The whole environment of the child.
  private let environment: [String: String]
  private let timeoutSeconds: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - environment: what kubectl and its credential plugins may see.
  ///   - timeoutSeconds: for one request.
  package init(
    access: KubectlAccess,
    environment: [String: String],
    timeoutSeconds: Int = 10
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
  }

  /// Ends what is being asked; nothing is asked after that.
  package func close() {
    let running = state.withLock { state in
      state.isClosed = true
      return Array(state.running.values)
    }
    // Killed at once: it only reads.
    for stop in running { stop.force() }
  }

  package func get(_ path: String) async throws(PlatformFailure) -> JSONValue {
    let output = try await run(path)
    guard output.exit.isSuccess else { throw KubectlMessage.failure(output.standardError, asking: path) }
    do throws(JSONParseError) {
      return try JSONValue(parsing: output.standardOutput)
    } catch {
      throw PlatformFailure(.refused, "the answer to \(path) is not JSON: \(error)")
    }
  }

  private func run(_ path: String) async throws(PlatformFailure) -> ToolOutput {
    // One switch reaches one child, and several are asked at once.
    let stop = StopSwitch()
    let isOpen = state.withLock { state in
      if !state.isClosed { state.running[ObjectIdentifier(stop)] = stop }
      return !state.isClosed
    }
    guard isOpen else { throw PlatformFailure(.unavailable, "the cluster is asked no more") }
    defer { state.withLock { $0.running[ObjectIdentifier(stop)] = nil } }
    do throws(ToolStartError) {
      return try await ToolOutput.collect(
        ToolInvocation(
          tool: "kubectl",
          version: "",
          executable: executable,
          arguments: access.arguments(path: path, timeoutSeconds: timeoutSeconds),
          environment: environment,
          workingDirectory: "/"
        ),
        stop: stop
      )
    } catch {
      throw PlatformFailure(.unavailable, "\(error)")
    }
  }
}

/// Which cluster, and by whose credentials.
package struct KubectlAccess: Sendable, Hashable {
  /// An absolute path.
  package var kubeconfig: String
  /// Nil for the current one.
  package var context: String?

  package init(kubeconfig: String, context: String?) {
    self.kubeconfig = kubeconfig
    self.context = context
  }

  /// A path is asked for as it is: without `--raw` kubectl would first read all that the server can do.
  func arguments(path: String, timeoutSeconds: Int) -> [String] {
    ["--kubeconfig", kubeconfig] + (context.map { ["--context", $0] } ?? []) + [
      "--request-timeout", "\(timeoutSeconds)s", "get", "--raw", path,
    ]
  }
}
