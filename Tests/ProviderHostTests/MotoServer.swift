import StackModel
import Testing
import ToolProcess

/// A local AWS of one test's own.
enum MotoServer {
  static let isMissing = ExecutableFinder.find("python", path: "\(HostedTerraform.root)/.venv/bin") == nil

  /// Starts the server, runs the body with its endpoint, ends the server.
  static func run(_ body: (String) async throws -> Void) async throws {
    let stop = StopSwitch()
    let (endpoints, found) = AsyncStream<String>.makeStream()
    let server = Task {
      defer { found.finish() }
      return try await ToolRunner.run(
        ToolInvocation(
          tool: "moto-server",
          version: "",
          executable: "\(HostedTerraform.root)/scripts/moto-server",
          arguments: [],
          environment: ["PATH": HostedTerraform.path, "HOME": "/tmp"],
          workingDirectory: HostedTerraform.root
        ),
        stop: stop,
        onLine: { line in
          let json = try? JSONValue(parsing: line.line.text)
          if let endpoint = json?["endpoint"]?.string { found.yield(endpoint) }
        }
      )
    }
    var iterator = endpoints.makeAsyncIterator()
    let endpoint = await iterator.next()
    do { try await body(try #require(endpoint, "the local AWS did not start")) } catch {
      stop.force()
      _ = try? await server.value
      throw error
    }
    stop.force()
    _ = try await server.value
  }
}
