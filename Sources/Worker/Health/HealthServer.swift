import HTTPListening

/// Serves `/healthz`, `/readyz` and `/metrics`. What it tells is no secret; who may ask is up to the network.
package final class HealthServer: Sendable {
  private let listener: HTTPListener
  /// For example `127.0.0.1:9464`.
  package var address: String { "\(listener.host):\(listener.port)" }

  package static func start(host: String, port: Int, status: WorkerStatus) async throws -> HealthServer {
    let listener = try await HTTPListener.start(host: host, port: port, bodyLimit: 0) { request, answer in
      let (code, text) = reply(to: request.method, request.path, status)
      let type = "text/plain; version=0.0.4; charset=utf-8"
      answer(
        .reply(HTTPListener.Reply(status: code, headers: [("content-type", type)], body: Array(text.utf8)))
      )
    }
    return HealthServer(listener: listener)
  }

  private init(listener: HTTPListener) { self.listener = listener }

  package func stop() async { await listener.stop() }

  private static func reply(to method: String, _ path: String, _ status: WorkerStatus) -> (Int, String) {
    switch (method, path) {
    case ("GET", "/healthz"), ("HEAD", "/healthz"): health(status.isAlive, "hangs")
    case ("GET", "/readyz"), ("HEAD", "/readyz"): health(status.isReady, "claims no jobs")
    case ("GET", "/metrics"), ("HEAD", "/metrics"): (200, MetricsText.render(status.numbers))
    case (_, "/healthz"), (_, "/readyz"), (_, "/metrics"): (405, "GET or HEAD\n")
    default: (404, "/healthz, /readyz or /metrics\n")
    }
  }

  private static func health(_ isGood: Bool, _ otherwise: String) -> (Int, String) {
    isGood ? (200, "ok\n") : (503, "\(otherwise)\n")
  }
}
