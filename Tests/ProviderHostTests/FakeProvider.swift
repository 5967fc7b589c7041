import LocalFiles
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import PluginWire
import ProviderHost
import StackModel
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A provider whose process says where it listens and nothing else; the test itself serves the socket.
final class FakeProvider: Sendable {
  typealias Payload = HTTP2Frame.FramePayload

  /// What to do with the frames of one call. Called on the event loop.
  typealias Behaviour = @Sendable (_ path: String) -> any ChannelHandler

  static let source = "registry.terraform.io/test/fake"

  let executable: String
  private let listener: any Channel

  private init(executable: String, listener: any Channel) {
    self.executable = executable
    self.listener = listener
  }

  /// - Parameter folder: for socket and program.
  static func start(in folder: String, behaviour: @escaping Behaviour) async throws -> FakeProvider {
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
    return FakeProvider(executable: executable, listener: listener)
  }

  func stop() async { try? await listener.close() }

  /// A host for this provider, and a connection to it as Terraform has it.
  static func hosted(
    in folder: String,
    keep: Set<String>? = nil,
    behaviour: @escaping Behaviour,
    body: (FakeTerraform, ProviderHost) async throws -> Void
  ) async throws {
    let fake = try await start(in: folder, behaviour: behaviour)
    let host = try await ProviderHost.start(
      providers: [HostedProvider(source: source, executable: fake.executable, identity: "h1:fake")],
      environment: ["PATH": "/usr/bin:/bin"],
      workingDirectory: folder,
      cache: try ProviderCache(folder: "\(folder)/cache"),
      keep: keep,
      folder: folder
    )
    let reattach = try JSONValue(parsing: host.reattach)
    let socket = try #require(reattach[source]?["Addr"]?["String"]?.string)
    do {
      try await body(try await FakeTerraform.connect(to: socket), host)
    } catch {
      await host.stop()
      await fake.stop()
      throw error
    }
    await host.stop()
    await fake.stop()
  }
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

/// Gathers a request and answers it.
final class Answering: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let answer: @Sendable ([UInt8]) -> [HTTP2Frame.FramePayload]
  private var bytes: [UInt8] = []

  /// - Parameter answer: from the whole body of the request to the frames of the response.
  init(_ answer: @escaping @Sendable ([UInt8]) -> [HTTP2Frame.FramePayload]) { self.answer = answer }

  /// An answer of one message.
  convenience init(message: [UInt8]) {
    self.init { _ in Frames.response(message) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
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

  func channelReadComplete(context: ChannelHandlerContext) { context.read() }
}

/// Takes the head of a call and never reads on.
final class Deaf: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
}

/// Frames of gRPC calls.
enum Frames {
  static let headers: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]

  static func prefixed(_ message: [UInt8]) -> [UInt8] {
    [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }

  static func data(_ bytes: [UInt8], endStream: Bool = false) -> HTTP2Frame.FramePayload {
    .data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: endStream))
  }

  static func response(_ message: [UInt8]) -> [HTTP2Frame.FramePayload] {
    [
      .headers(.init(headers: headers)), data(prefixed(message)),
      .headers(.init(headers: ["grpc-status": "0", "x-trailer": "kept"], endStream: true)),
    ]
  }

  static func failure(_ status: Int, _ message: String) -> [HTTP2Frame.FramePayload] {
    [
      .headers(
        .init(
          headers: [
            ":status": "200", "content-type": "application/grpc", "grpc-status": "\(status)",
            "grpc-message": message,
          ],
          endStream: true
        )
      )
    ]
  }
}
