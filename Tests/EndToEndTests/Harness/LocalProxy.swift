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
    let seen = Seen()
    try await ScriptServer.run(
      "queue-proxy",
      arguments,
      onLine: { line in
        if let call = line["call"]?.string { seen.calls.withLock { $0.append(call) } }
      },
      body: { ready in
        try await body(LocalProxy(endpoint: try #require(ready["endpoint"]?.string), seen: seen))
      }
    )
  }
}
