package import NIOCore
package import NIOHPACK
package import NIOHTTP2
import NIOPosix

/// A connection to a host as Terraform has one, for calls that Terraform itself would not make.
package final class FakeTerraform: Sendable {
  /// What came back for one call.
  package struct Reply: Sendable {
    package var headers: [HPACKHeaders] = []
    package var bytes: [UInt8] = []
    package var reset: HTTP2ErrorCode?

    package var status: String? { self["grpc-status"] }

    /// A header of the last block, which are the trailers.
    package subscript(name: String) -> String? { headers.last?.first(name: name) }

    /// The message without its prefix.
    package var message: [UInt8] { Array(bytes.dropFirst(5)) }
  }

  private let channel: any Channel
  private let multiplexer: NIOHTTP2Handler.StreamMultiplexer

  private init(channel: any Channel, multiplexer: NIOHTTP2Handler.StreamMultiplexer) {
    self.channel = channel
    self.multiplexer = multiplexer
  }

  package static func connect(to socket: String) async throws -> FakeTerraform {
    let (channel, multiplexer) = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(unixDomainSocketPath: socket) { channel in
        channel.eventLoop.makeCompletedFuture {
          let configuration = NIOHTTP2Handler.Configuration()
          let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .client,
            connectionConfiguration: configuration.connection,
            streamConfiguration: configuration.stream
          ) { $0.close() }
          return (channel, multiplexer)
        }
      }
    return FakeTerraform(channel: channel, multiplexer: multiplexer)
  }

  package func close() async { try? await channel.close() }

  /// Makes a call with one message and waits for its end.
  package func call(_ path: String, _ message: [UInt8] = []) async throws -> Reply {
    let call = try await open(path)
    try await call.send(Frames.prefixed(message), isLast: true)
    return await call.reply()
  }

  package func open(_ path: String) async throws -> Call {
    let promise = channel.eventLoop.makePromise(of: Reply.self)
    let channel = try await multiplexer.createStreamChannel { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(Collector(promise: promise))
      }
    }.get()
    let headers: HPACKHeaders = [
      ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
      "content-type": "application/grpc", "te": "trailers", "x-request": "kept",
    ]
    try await channel.writeAndFlush(HTTP2Frame.FramePayload.headers(.init(headers: headers)))
    return Call(channel: channel, end: promise.futureResult)
  }

  package struct Call: Sendable {
    fileprivate let channel: any Channel
    fileprivate let end: EventLoopFuture<Reply>

    /// Returns once the bytes are on their way, which they are not while nobody takes them.
    package func send(_ bytes: [UInt8], isLast: Bool = false) async throws {
      try await channel.writeAndFlush(Frames.data(bytes, endStream: isLast))
    }

    /// The same without waiting.
    package func push(_ bytes: [UInt8]) -> EventLoopFuture<Void> {
      channel.writeAndFlush(Frames.data(bytes))
    }

    package func reset(_ code: HTTP2ErrorCode) async throws {
      try await channel.writeAndFlush(HTTP2Frame.FramePayload.rstStream(code))
    }

    package func reply() async -> Reply { (try? await end.get()) ?? Reply() }
  }
}

private final class Collector: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload

  private let promise: EventLoopPromise<FakeTerraform.Reply>
  private var reply = FakeTerraform.Reply()

  init(promise: EventLoopPromise<FakeTerraform.Reply>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let part): reply.headers.append(part.headers)
    case .data(let part):
      if case .byteBuffer(let buffer) = part.data { reply.bytes += Array(buffer.readableBytesView) }
    case .rstStream(let code): reply.reset = code
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let closed = error as? NIOHTTP2Errors.StreamClosed { reply.reset = closed.errorCode }
  }

  func channelInactive(context: ChannelHandlerContext) { promise.succeed(reply) }
}
