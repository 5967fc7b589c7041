import NIOCore
import NIOHTTP1
import NIOPosix

/// A small HTTP server: it gathers whole requests and hands them to one function. What they mean is its owner's.
package final class HTTPListener: Sendable {
  package struct Request: Sendable {
    package var method: String
    /// Without the query.
    package var path: String
    /// As it stood after the question mark; empty when there is none.
    package var query: String
    /// By their names in lower case; of a name that comes twice the first.
    package var headers: [String: String]
    /// Empty when it was larger than it may be.
    package var body: [UInt8]
    /// There was more than is read.
    package var isTooLarge: Bool

    /// The first value of a name in the query, as it stands there.
    package func value(inQuery name: String) -> String? {
      query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.map {
        String($0.dropFirst(name.count + 1))
      }
    }
  }

  package struct Reply: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
      self.status = status
      self.headers = headers
      self.body = body
    }
  }

  package enum Answer: Sendable {
    case reply(Reply)
    /// The connection ends after half of the body.
    case half(Reply)
    /// The connection ends, and nothing is said.
    case cut
  }

  /// Called on the event loop for each request: whoever needs time answers later, from any thread, once.
  package typealias Respond = @Sendable (Request, @escaping @Sendable (Answer) -> Void) -> Void

  private let channel: any Channel
  package let host: String

  /// The port that was asked for, or the free one that was found for 0.
  package var port: Int { channel.localAddress?.port ?? 0 }

  private init(channel: any Channel, host: String) {
    self.channel = channel
    self.host = host
  }

  /// - Parameter bodyLimit: bytes; of a larger request nothing but its head is handed on.
  package static func start(
    host: String,
    port: Int,
    bodyLimit: Int,
    respond: @escaping Respond
  ) async throws -> HTTPListener {
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(
            RequestHandler(bodyLimit: bodyLimit, respond: respond)
          )
        }
      }
    return HTTPListener(channel: try await bootstrap.bind(host: host, port: port).get(), host: host)
  }

  /// Takes no more connections. Those that are open stay so until their other end closes them.
  package func stop() async { try? await channel.close() }
}

/// Gathers one request, has it answered, writes the reply.
private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let bodyLimit: Int
  private let respond: HTTPListener.Respond
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var isTooLarge = false

  init(bodyLimit: Int, respond: @escaping HTTPListener.Respond) {
    self.bodyLimit = bodyLimit
    self.respond = respond
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
      isTooLarge = false
    case .body(let part):
      guard !isTooLarge, body.count + part.readableBytes <= bodyLimit else {
        isTooLarge = true
        body = []
        return
      }
      body.append(contentsOf: part.readableBytesView)
    case .end:
      guard let head else { return }
      answer(head, context)
    }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init
    )
    let request = HTTPListener.Request(
      method: head.method.rawValue,
      path: parts.first ?? "/",
      query: parts.count > 1 ? parts[1] : "",
      headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
      body: body,
      isTooLarge: isTooLarge
    )
    body = []
    let here = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    respond(request) { answer in
      loop.execute { here.value.handler.write(answer, to: head, here.value.context) }
    }
  }

  private func write(
    _ answer: HTTPListener.Answer,
    to head: HTTPRequestHead,
    _ context: ChannelHandlerContext
  ) {
    let reply: HTTPListener.Reply
    var isHalf = false
    switch answer {
    case .cut: return context.close(promise: nil)
    case .reply(let whole): reply = whole
    case .half(let part): (reply, isHalf) = (part, true)
    }
    var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
    if reply.status != 204 { headers.add(name: "content-length", value: String(reply.body.count)) }
    let start = HTTPResponseHead(
      version: .http1_1,
      status: HTTPResponseStatus(statusCode: reply.status),
      headers: headers
    )
    context.write(wrapOutboundOut(.head(start)), promise: nil)
    let body = isHalf ? reply.body[..<(reply.body.count / 2)] : reply.body[...]
    if head.method != .HEAD, !body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
    }
    let here = NIOLoopBound(context, eventLoop: context.eventLoop)
    if isHalf {
      // Without the end of the message: the other side has to see that something is missing.
      context.flush()
      return context.eventLoop.execute { here.value.close(promise: nil) }
    }
    let end = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: end)
    if !head.isKeepAlive { end.futureResult.whenComplete { _ in here.value.close(promise: nil) } }
  }
}
