import StackModel
import Synchronization
import Testing
import ToolProcess

/// A forward proxy of one test's own, `scripts/queue-proxy`.
final class LocalProxy: Sendable {
  let endpoint: String
  private let seen: Seen

  private final class Seen: Sendable {
    let calls = Mutex<[String]>([])
  }

  private init(endpoint: String, seen: Seen) {
    self.endpoint = endpoint
    self.seen = seen
  }

  /// The first request of each connection so far.
  var calls: [String] { seen.calls.withLock { $0 } }

  static func run(_ arguments: String..., body: (LocalProxy) async throws -> Void) async throws {
    let (stop, seen) = (StopSwitch(), Seen())
    let (ready, continuation) = AsyncStream<String>.makeStream()
    let proxy = Task {
      defer { continuation.finish() }
      _ = try await ToolRunner.run(
        ToolInvocation(
          tool: "queue-proxy",
          version: "",
          executable: "\(Project.root)/.venv/bin/python",
          arguments: ["\(Project.root)/scripts/queue-proxy"] + arguments,
          environment: ["PATH": Project.path, "HOME": "/tmp"],
          workingDirectory: Project.root
        ),
        stop: stop,
        onLine: { line in
          guard let json = try? JSONValue(parsing: line.line.text) else { return }
          if let endpoint = json["endpoint"]?.string { continuation.yield(endpoint) }
          if let call = json["call"]?.string { seen.calls.withLock { $0.append(call) } }
        }
      )
    }
    var iterator = ready.makeAsyncIterator()
    let endpoint = try #require(await iterator.next(), "the proxy did not start")
    let result: Result<Void, any Error>
    do { result = .success(try await body(LocalProxy(endpoint: endpoint, seen: seen))) } catch {
      result = .failure(error)
    }
    stop.force()
    _ = try? await proxy.value
    try result.get()
  }
}
