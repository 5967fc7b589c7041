import NIOCore
import NIOHTTP2

/// One end of a call that is passed through: hands every frame to the end on the other side, and
/// reads on only when that can take more.
final class RelayHandler: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  enum Side { case terraform, provider }

  private let side: Side
  private let recorder: HostRecorder
  private var context: ChannelHandlerContext?
  private var peer: RelayHandler?
  private var wantsToRead = false
  private var hasSentHeaders = false
  private var hasSentEnd = false

  init(_ side: Side, recorder: HostRecorder) {
    self.side = side
    self.recorder = recorder
  }

  /// Ties two ends together; each lets go of the other when its stream ends.
  func connect(to other: RelayHandler) {
    peer = other
    other.peer = self
  }

  /// Closes a stream on which nothing was sent.
  func abandon() { context?.close(promise: nil) }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  // MARK: From this stream to the other

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let headers):
      peer?.send(.headers(.init(headers: headers.headers, endStream: headers.endStream)))
    case .data(let data):
      recorder.forwarded(bytes: data.data.readableBytes)
      peer?.send(.data(.init(data: data.data, endStream: data.endStream)))
    case .rstStream(let code): peer?.reset(code)
    default: break
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    peer?.context?.flush()
    readIfWelcome()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, peer?.wantsToRead == true { peer?.readIfWelcome() }
  }

  func readIfWelcome() {
    // When the other end is gone, what still comes has to be read and dropped, or the stream never ends.
    wantsToRead = peer.map { $0.context?.channel.isWritable == false } ?? false
    if !wantsToRead { context?.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let closed = error as? NIOHTTP2Errors.StreamClosed { peer?.reset(closed.errorCode) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    let other = peer
    peer = nil
    other?.peer = nil
    other?.otherEndIsGone()
  }

  // MARK: From the other stream to this one

  private func send(_ payload: HTTP2Frame.FramePayload) {
    guard let context, !hasSentEnd else { return }
    hasSentHeaders = true
    hasSentEnd = payload.endsStream
    context.write(wrapOutboundOut(payload), promise: nil)
  }

  private func reset(_ code: HTTP2ErrorCode) {
    guard let context else { return }
    hasSentEnd = true
    context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
  }

  private func otherEndIsGone() {
    guard let context, context.channel.isActive else { return }
    guard !hasSentEnd else { return readIfWelcome() }
    switch side {
    case .provider: reset(.cancel)
    case .terraform:
      let reply = GRPCReply.unavailable("the provider's process is gone")
      let frames =
        hasSentHeaders
        ? [.headers(.init(headers: reply.trailers, endStream: true))]
        : reply.frames(allocator: context.channel.allocator)
      for frame in frames { send(frame) }
      context.flush()
      readIfWelcome()
    }
  }
}
