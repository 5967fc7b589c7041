import LocalFiles
package import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix

#if canImport(Glibc)
  import Glibc
#endif

/// A provider whose process says where it listens and nothing else; whoever starts it serves the socket.
package final class FakeProvider: Sendable {
  /// What to do with the frames of one call. Called on the event loop.
  package typealias Behaviour = @Sendable (_ path: String) -> any ChannelHandler

  package static let source = "registry.terraform.io/test/fake"

  package let executable: String
  /// Where the provider itself listens.
  package let socket: String
  private let listener: any Channel

  private init(executable: String, socket: String, listener: any Channel) {
    self.executable = executable
    self.socket = socket
    self.listener = listener
  }

  /// - Parameter folder: for socket and program.
  package static func start(in folder: String, behaviour: @escaping Behaviour) async throws -> FakeProvider {
    let socket = "\(folder)/fake"
    let pids = "\(folder)/pids"
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let configuration = fakeConfiguration
          _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server,
            connectionConfiguration: configuration.connection,
            streamConfiguration: configuration.stream
          ) { stream in
            stream.eventLoop.makeCompletedFuture {
              try stream.syncOptions?.setOption(.autoRead, value: false)
              try stream.pipeline.syncOperations.addHandler(Chooser(pids: pids, behaviour: behaviour))
            }
          }
        }
      }
      .bind(unixDomainSocketPath: socket).get()
    let executable = "\(folder)/terraform-provider-fake"
    let script = "#!/bin/sh\necho $$ >> '\(pids)'\necho '1|5|unix|\(socket)|grpc|'\nexec sleep 1000\n"
    try LocalFiles.replace(executable, with: Array(script.utf8), mode: 0o755)
    return FakeProvider(executable: executable, socket: socket, listener: listener)
  }

  package func stop() async { try? await listener.close() }
}

/// Small windows, as gRPC for Go has them at first: whoever does not read makes the other side wait.
private let fakeConfiguration = NIOHTTP2Handler.Configuration()

/// Looks at the path of a call and lets another handler do the rest.
private final class Chooser: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTP2Frame.FramePayload

  private let pids: String
  private let behaviour: FakeProvider.Behaviour

  init(pids: String, behaviour: @escaping FakeProvider.Behaviour) {
    self.pids = pids
    self.behaviour = behaviour
  }

  func channelActive(context: ChannelHandlerContext) { context.read() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .headers(let head) = unwrapInboundIn(data),
      let path = head.headers.first(name: ":path")
    else { return context.fireChannelRead(data) }
    if path == "/plugin.GRPCController/Shutdown" { endProcesses() }
    try? context.pipeline.syncOperations.addHandler(behaviour(path))
    context.fireChannelRead(data)
  }

  /// What a provider does by itself when it is asked to.
  private func endProcesses() {
    for line in (LocalFiles.text(pids) ?? "").split(separator: "\n") {
      if let pid = pid_t(line) { kill(pid, SIGKILL) }
    }
  }
}
