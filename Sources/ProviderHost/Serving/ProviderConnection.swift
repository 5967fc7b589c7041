import NIOCore
import NIOHTTP2
import NIOPosix

/// The connection to one real provider, which is ours alone.
final class ProviderConnection: Sendable {
  let process: ProviderProcess
  private let channel: any Channel
  private let multiplexer: NIOHTTP2Handler.StreamMultiplexer

  private init(
    process: ProviderProcess,
    channel: any Channel,
    multiplexer: NIOHTTP2Handler.StreamMultiplexer
  ) {
    self.process = process
    self.channel = channel
    self.multiplexer = multiplexer
  }

  /// Connects; a process that cannot be connected to is ended.
  static func open(to process: ProviderProcess, on loop: any EventLoop) async throws(HostFailure)
    -> ProviderConnection
  {
    do {
      let (channel, multiplexer) = try await ClientBootstrap(group: loop)
        .connect(unixDomainSocketPath: process.handshake.socket) { channel in
          channel.eventLoop.makeCompletedFuture {
            let configuration = HTTP2Setup.configuration
            let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
              mode: .client,
              connectionConfiguration: configuration.connection,
              streamConfiguration: configuration.stream
            ) { channel in
              // Providers open no streams.
              channel.close()
            }
            return (channel, multiplexer)
          }
        }
      return ProviderConnection(process: process, channel: channel, multiplexer: multiplexer)
    } catch {
      process.kill()
      _ = await process.ended()
      throw .cannotConnect(executable: process.executable, reason: "\(error)")
    }
  }

  /// Done when the connection is closed, by whom ever.
  var closed: EventLoopFuture<Void> { channel.closeFuture }

  /// Opens a stream with one handler, which is made on the event loop.
  func openStream(
    _ handler: @escaping @Sendable () -> any ChannelHandler
  ) -> EventLoopFuture<any Channel> {
    let promise = channel.eventLoop.makePromise(of: (any Channel).self)
    multiplexer.createStreamChannel(promise: promise) { channel in
      channel.eventLoop.makeCompletedFuture {
        // Both ends of a relay read by themselves, when the other end can take it.
        try channel.syncOptions?.setOption(.autoRead, value: false)
        try channel.pipeline.syncOperations.addHandler(handler())
      }
    }
    return promise.futureResult
  }

  func call(_ path: String, _ body: [UInt8] = []) async throws -> GRPCReply {
    let promise = channel.eventLoop.makePromise(of: GRPCReply.self)
    openStream { UnaryCall(path: path, body: body, promise: promise) }.whenFailure { promise.fail($0) }
    return try await promise.futureResult.get()
  }

  /// Ends the process as Terraform does: asks, waits two seconds, kills.
  @discardableResult
  func end() async -> ProcessEnd {
    let kill = Task { [process] in
      try await Task.sleep(for: .seconds(2))
      process.kill()
    }
    _ = try? await call(ProviderCall.shutdownPath)
    let end = await process.ended()
    kill.cancel()
    try? await channel.close()
    return end
  }
}
