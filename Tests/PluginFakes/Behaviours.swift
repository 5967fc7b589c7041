package import NIOCore
package import NIOHTTP2

/// Gathers a request and answers it.
package final class Answering: ChannelInboundHandler {
  package typealias InboundIn = HTTP2Frame.FramePayload
  package typealias OutboundOut = HTTP2Frame.FramePayload

  private let answer: @Sendable ([UInt8]) -> [HTTP2Frame.FramePayload]
  private var bytes: [UInt8] = []

  /// - Parameter answer: from the whole body of the request to the frames of the response.
  package init(_ answer: @escaping @Sendable ([UInt8]) -> [HTTP2Frame.FramePayload]) { self.answer = answer }

  /// An answer of one message.
  package convenience init(message: [UInt8]) {
    self.init { _ in Frames.response(message) }
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var isLast = false
    switch unwrapInboundIn(data) {
    case .data(let part):
      if case .byteBuffer(let buffer) = part.data { bytes += Array(buffer.readableBytesView) }
      isLast = part.endStream
    case .headers(let part): isLast = part.endStream
    default: break
    }
    guard isLast else { return }
    for frame in answer(bytes) { context.write(wrapOutboundOut(frame), promise: nil) }
    context.flush()
  }

  package func channelReadComplete(context: ChannelHandlerContext) { context.read() }
}

/// Takes the head of a call and never reads on.
package final class Deaf: ChannelInboundHandler {
  package typealias InboundIn = HTTP2Frame.FramePayload

  package init() {}
}

/// Answers with the number of bytes that it was sent, and keeps none of them.
package final class Counting: ChannelInboundHandler {
  package typealias InboundIn = HTTP2Frame.FramePayload
  package typealias OutboundOut = HTTP2Frame.FramePayload

  private var count = 0

  package init() {}

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .data(let part) = unwrapInboundIn(data) else { return }
    count += part.data.readableBytes
    guard part.endStream else { return }
    for frame in Frames.response(Array("\(count)".utf8)) {
      context.write(wrapOutboundOut(frame), promise: nil)
    }
    context.flush()
  }

  package func channelReadComplete(context: ChannelHandlerContext) { context.read() }
}
