import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves `/healthz`, `/readyz` and `/metrics`. What it tells is no secret; who may ask is up to the network.
package final class HealthServer: Sendable {
  private let channel: any Channel
  /// For example `127.0.0.1:9464`.
  package let address: String

  package static func start(host: String, port: Int, status: WorkerStatus) async throws -> HealthServer {
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(HealthHandler(status: status))
        }
      }
    return HealthServer(channel: try await bootstrap.bind(host: host, port: port).get(), host: host)
  }

  private init(channel: any Channel, host: String) {
    self.channel = channel
    address = "\(host):\(channel.localAddress?.port ?? 0)"
  }

  package func stop() async { try? await channel.close() }
}

private final class HealthHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let status: WorkerStatus
  private var head: HTTPRequestHead?

  init(status: WorkerStatus) { self.status = status }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      reply(to: head, context)
    }
  }

  private func reply(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let path = head.uri.prefix { $0 != "?" }
    let (code, text): (HTTPResponseStatus, String) =
      switch (head.method, path) {
      case (.GET, "/healthz"), (.HEAD, "/healthz"): health(status.isAlive, "hangs")
      case (.GET, "/readyz"), (.HEAD, "/readyz"): health(status.isReady, "claims no jobs")
      case (.GET, "/metrics"), (.HEAD, "/metrics"): (.ok, MetricsText.render(status.numbers))
      case (_, "/healthz"), (_, "/readyz"), (_, "/metrics"): (.methodNotAllowed, "GET or HEAD\n")
      default: (.notFound, "/healthz, /readyz or /metrics\n")
      }
    let headers: HTTPHeaders = [
      "content-type": "text/plain; version=0.0.4; charset=utf-8", "content-length": "\(text.utf8.count)",
    ]
    let answer = HTTPResponseHead(version: .http1_1, status: code, headers: headers)
    context.write(wrapOutboundOut(.head(answer)), promise: nil)
    if head.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private func health(_ isGood: Bool, _ otherwise: String) -> (HTTPResponseStatus, String) {
    isGood ? (.ok, "ok\n") : (.serviceUnavailable, "\(otherwise)\n")
  }
}
