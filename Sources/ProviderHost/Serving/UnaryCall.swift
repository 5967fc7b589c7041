import NIOCore
import NIOHPACK
import NIOHTTP2

/// A call that we make ourselves: one request, the whole answer.
final class UnaryCall: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let path: String
  private let body: [UInt8]
  private let promise: EventLoopPromise<GRPCReply>
  private var headers = HPACKHeaders()
  private var message = GRPCMessage()
  private var isDone = false

  init(path: String, body: [UInt8], promise: EventLoopPromise<GRPCReply>) {
    self.path = path
    self.body = body
    self.promise = promise
  }

  func channelActive(context: ChannelHandlerContext) {
    let headers: HPACKHeaders = [
      ":method": "POST", ":scheme": "http", ":path": path, ":authority": "unused",
      "content-type": "application/grpc", "te": "trailers",
    ]
    var data = context.channel.allocator.buffer(capacity: GRPCMessage.prefixLength + body.count)
    data.writeInteger(UInt8(0))
    data.writeInteger(UInt32(body.count))
    data.writeBytes(body)
    context.write(wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
    context.writeAndFlush(
      wrapOutboundOut(.data(.init(data: .byteBuffer(data), endStream: true))),
      promise: nil
    )
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let payload = unwrapInboundIn(data)
    switch payload {
    // Trailers come last and hold the status; an answer that failed has nothing else.
    case .headers(let part): headers = part.headers
    case .data(let part): message.append(part.data)
    default: break
    }
    if payload.endsStream { finish() }
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.read() }

  func channelInactive(context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    promise.fail(Lost())
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {}

  private func finish() {
    isDone = true
    let status = headers.first(name: "grpc-status").flatMap { Int($0) }
    let text = headers.first(name: "grpc-message") ?? ""
    if let status, status != GRPCReply.Status.ok {
      promise.succeed(GRPCReply(status: status, message: text))
    } else if status != nil, let body = message.body {
      promise.succeed(.ok(Array(body)))
    } else {
      promise.fail(Lost())
    }
  }

  /// The stream or the process ended before the answer was whole.
  struct Lost: Error, CustomStringConvertible {
    var description: String { "the answer was cut off" }
  }
}
