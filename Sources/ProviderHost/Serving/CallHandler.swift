import NIOCore
import NIOHPACK
import NIOHTTP2

/// Decides on one call of Terraform, and answers it or hands it on.
final class CallHandler: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private enum State {
    case head
    /// A request to be answered; its frames so far, in case it has to be handed on after all.
    case gathering(ProviderCall, path: String, GRPCMessage, [HTTP2Frame.FramePayload])
    /// Until the session's process is there.
    case waiting([HTTP2Frame.FramePayload])
    case relaying
    case answered
  }

  /// A larger request is handed on: to keep it for a look into the cache is not worth the memory.
  private static let requestLimit = 4 << 20

  private let session: Session
  private var state = State.head
  private var context: ChannelHandlerContext?

  init(session: Session) { self.session = session }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let payload = unwrapInboundIn(data)
    switch state {
    case .head: begin(payload)
    case .gathering(let call, let path, var message, var frames):
      frames.append(payload)
      if case .data(let part) = payload { message.append(part.data) }
      state = .gathering(call, path: path, message, frames)
      gather(call, path, message, frames, isWhole: payload.endsStream)
    case .waiting(let frames): state = .waiting(frames + [payload])
    case .relaying: context.fireChannelRead(data)
    case .answered: break
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    switch state {
    case .head, .gathering, .answered: context.read()
    // Whatever else Terraform has to say waits on its side.
    case .waiting: break
    case .relaying: context.fireChannelReadComplete()
    }
  }

  // MARK: Deciding

  private func begin(_ payload: HTTP2Frame.FramePayload) {
    guard case .headers(let head) = payload else { return }
    let path = head.headers.first(name: ":path") ?? ""
    let call = ProviderCall(path: path, version: session.endpoint.version)
    switch session.route(call) {
    case .reply(let reply): answer(reply)
    case .book where !head.endStream: state = .gathering(call, path: path, GRPCMessage(), [payload])
    case .book, .provider: relay([payload], starting: true)
    case .providerLater: relay([payload], starting: false)
    }
  }

  private func gather(
    _ call: ProviderCall,
    _ path: String,
    _ message: GRPCMessage,
    _ frames: [HTTP2Frame.FramePayload],
    isWhole: Bool
  ) {
    let isForUs = !message.isCompressed && message.length ?? 0 <= Self.requestLimit
    if isForUs && !isWhole { return }
    guard isForUs, let body = message.body else { return relay(frames, starting: true) }
    state = .answered
    session.endpoint.reply(to: call, path: path, body: Array(body)).assumeIsolated().whenSuccess {
      self.answer($0)
    }
  }

  private func answer(_ reply: GRPCReply) {
    state = .answered
    guard let context, context.channel.isActive else { return }
    session.recorder.count { $0.answered += 1 }
    for frame in reply.frames(allocator: context.channel.allocator) {
      context.write(wrapOutboundOut(frame), promise: nil)
    }
    context.flush()
  }

  // MARK: Handing on

  private func relay(_ frames: [HTTP2Frame.FramePayload], starting: Bool) {
    state = .waiting(frames)
    session.withProvider(starting: starting) { connection in
      guard let context = self.context else { return }
      guard let connection else { return self.answer(.unavailable("the provider's process is gone")) }
      let (far, near) = (
        RelayHandler(.provider, recorder: self.session.recorder),
        RelayHandler(.terraform, recorder: self.session.recorder)
      )
      let bound = NIOLoopBound(far, eventLoop: context.eventLoop)
      connection.openStream { bound.value }.assumeIsolated().whenComplete { result in
        guard case .success = result else {
          return self.answer(.unavailable("the provider's process is gone"))
        }
        self.begin(near, far)
      }
    }
  }

  private func begin(_ near: RelayHandler, _ far: RelayHandler) {
    guard case .waiting(let frames) = state else { return }
    // Terraform may have given up while the process started; the far end then has no call to end.
    guard let context, context.channel.isActive,
      (try? context.pipeline.syncOperations.addHandler(near)) != nil
    else { return far.abandon() }
    session.recorder.count { $0.forwarded += 1 }
    near.connect(to: far)
    state = .relaying
    for frame in frames { context.fireChannelRead(wrapInboundOut(frame)) }
    context.fireChannelReadComplete()
    far.readIfWelcome()
  }
}
