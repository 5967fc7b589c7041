import Digests
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import LocalFiles
import NIOPosix
package import PluginWire
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Serves gRPC services to the Terraform that started this process, until it says stop or is gone.
package enum PluginServer {
  /// Terraform's own limit for what it receives; a plan or a state may be as large the other way.
  private static let messageLimit = 256 << 20

  /// - Parameter announce: called once with the line for standard output when the socket listens.
  package static func serve(
    _ handshake: Handshake,
    services: [RawService],
    announce: @Sendable (String) -> Void
  ) async throws {
    let folder = try SocketFolder(near: handshake.socketFolder)
    defer { folder.remove() }
    let own = handshake.clientCertificate == nil ? nil : try SelfSignedCertificate()
    let listener = try PluginListener(
      socket: folder.socket,
      client: handshake.clientCertificate,
      own: own,
      // Terraform has one connection; more threads would only cost time to start.
      eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1)
    )
    var config = HTTP2ServerTransport.Custom<PluginListener>.Config.defaults
    config.rpc.maxRequestPayloadSize = messageLimit
    let transport = HTTP2ServerTransport.Custom(listenerFactory: listener, config: config)
    let (ending, end) = AsyncStream.makeStream(of: Void.self)
    let closed = EndSignal()
    let goPlugin = GoPluginServices(
      shutdown: { end.finish() },
      ended: { await closed.wait() }
    )
    let server = GRPCServer(
      transport: transport,
      services: services as [any RegistrableRPCService] + [goPlugin]
    )

    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { end.finish() }
        try await server.serve()
      }
      guard await transport.listeningAddress != nil else {
        // There is no address where listening failed; the error is the server's.
        try await group.next()
        return
      }
      announce(
        handshake.line(
          socket: folder.socket,
          certificate: own.map { unpadded(Base64.text($0.certificate)) } ?? ""
        )
      )
      group.addTask {
        // go-plugin kills a plugin whose Terraform ends in order; one that is killed cannot.
        let parent = getppid()
        while getppid() == parent { try await Task.sleep(for: .seconds(2)) }
        end.finish()
      }
      for await _ in ending {}
      closed.send()
      server.beginGracefulShutdown()
      // The answer to the call that ended us has to leave; a connection that stays open is Terraform's
      // mistake and no reason to stay.
      try? await Task.sleep(for: .milliseconds(50))
      group.cancelAll()
    }
  }

  private static func unpadded(_ base64: String) -> String {
    String(base64.prefix { character in character != "=" })
  }
}

/// Lets any number of tasks wait for one moment.
private final class EndSignal: Sendable {
  private let waiting = Mutex<(ended: Bool, continuations: [CheckedContinuation<Void, Never>])>((false, []))

  func wait() async {
    await withCheckedContinuation { continuation in
      let ended = waiting.withLock {
        if !$0.ended { $0.continuations.append(continuation) }
        return $0.ended
      }
      if ended { continuation.resume() }
    }
  }

  func send() {
    let all = waiting.withLock { state in
      defer { state.continuations = [] }
      state.ended = true
      return state.continuations
    }
    for continuation in all { continuation.resume() }
  }
}

/// A folder that only we may enter, with one socket: without TLS the connection is in the clear.
private struct SocketFolder {
  let path: String
  var socket: String { "\(path)/plugin.sock" }

  /// The longest path that a Unix socket can have.
  private static let pathLimit = 107

  init(near parent: String) throws(FileError) {
    var template = Array("\(parent)/plugin-XXXXXX".utf8CString)
    // Where temporary files lie too deep, the usual folder does.
    if template.count + "/plugin.sock".utf8.count > Self.pathLimit {
      template = Array("/tmp/plugin-XXXXXX".utf8CString)
    }
    guard mkdtemp(&template) != nil else { throw FileError("create folder", parent) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func remove() { try? LocalFiles.removeTree(path) }
}
