import Digests
@preconcurrency import Dispatch
import NIOCore
import NIOHTTP1
import NIOPosix
package import StackModel

/// Serves a ``StateService`` on a free port of the loopback address, for one job.
package final class StateServer: Sendable {
  private let channel: any Channel
  private let service: StateService
  /// For example `http://127.0.0.1:40123`.
  package let url: String
  /// What a caller must present as its password; made for this job alone.
  package let token: String

  package static func start(
    store: StateStore,
    user: String,
    report: @escaping @Sendable (JobEvent.Body) -> Void
  ) async throws -> StateServer {
    let token = RandomToken.make()
    let service = StateService(
      store: store,
      authorization: "Basic \(Base64.text("\(user):\(token)".utf8))",
      report: report
    )
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(StateRequestHandler(service: service))
        }
      }
    let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    return StateServer(channel: channel, service: service, token: token)
  }

  private init(channel: any Channel, service: StateService, token: String) {
    self.channel = channel
    self.service = service
    self.token = token
    url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
  }

  /// Takes no more connections, and no more calls on open ones. Call it once the engine is gone.
  package func stop() async {
    // What a killed engine sent last may still be on its way through the event loop.
    service.close()
    try? await channel.close()
  }
}

/// Gathers one request, asks the service, writes the reply.
private final class StateRequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// A state this large has tens of thousands of resources; more is a fault, not a state.
  private static let bodyLimit = 512 << 20
  private let queue = DispatchQueue(label: "stackjob.state")

  private let service: StateService
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var isTooLarge = false

  init(service: StateService) { self.service = service }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
      isTooLarge = false
    case .body(let part):
      guard body.count + part.readableBytes <= Self.bodyLimit else {
        isTooLarge = true
        return
      }
      body.append(contentsOf: part.readableBytesView)
    case .end:
      guard let head else { return }
      reply(to: head, context: context)
    }
  }

  private func reply(to head: HTTPRequestHead, context: ChannelHandlerContext) {
    guard !isTooLarge else { return answer(StateService.Response(status: 413), context) }
    let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
    let request = StateService.Request(
      method: head.method.rawValue,
      path: parts.first ?? "/",
      lockID: parts.dropFirst().first.flatMap(Self.lockID),
      authorization: head.headers.first(name: "authorization"),
      body: body
    )
    body = []
    let here = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    // A snapshot that waits for room on the disk must not hold up what else this loop does.
    queue.async { [service] in
      let response = service.respond(to: request)
      loop.execute { here.value.handler.answer(response, here.value.context) }
    }
  }

  private func answer(_ response: StateService.Response, _ context: ChannelHandlerContext) {
    let headers: HTTPHeaders = [
      "content-type": "application/json", "content-length": String(response.body.count),
    ]
    let status = HTTPResponseStatus(statusCode: response.status)
    let answer = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(answer)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private static func lockID(inQuery query: String) -> String? {
    query.split(separator: "&").first { $0.hasPrefix("ID=") }.map { String($0.dropFirst(3)) }
  }
}
