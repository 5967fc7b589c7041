import Digests
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import LocalFiles
import NIOPosix
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
    let identity = try handshake.clientCertificate.map { client in (client: client, own: try SelfSignedCertificate()) }
    let transport = HTTP2ServerTransport.Posix(
      address: .unixDomainSocket(path: folder.socket),
      transportSecurity: identity.map { security(client: $0.client, own: $0.own) } ?? .plaintext,
      config: .defaults { $0.rpc.maxRequestPayloadSize = messageLimit },
      // Terraform has one connection; more threads would only cost time to start.
      eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    let (ending, end) = AsyncStream.makeStream(of: Void.self)
    let closed = EndSignal()
    let goPlugin = GoPluginServices(
      shutdown: { end.finish() },
      ended: { await closed.wait() })
    let server = GRPCServer(transport: transport, services: services as [any RegistrableRPCService] + [goPlugin])

    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      _ = try await transport.listeningAddress
      announce(
        handshake.line(
          socket: folder.socket,
          certificate: identity.map { unpadded(Base64.text($0.own.certificate)) } ?? ""))
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

  /// The certificate of either side is the only one that the other one trusts.
  private static func security(
    client: String,
    own: SelfSignedCertificate
  ) -> HTTP2ServerTransport.Posix.TransportSecurity {
    .mTLS(
      certificateChain: [.bytes(own.certificate, format: .der)],
      privateKey: .bytes(own.privateKey, format: .der)
    ) { security in
      security.trustRoots = .certificates([.bytes(Array(client.utf8), format: .pem)])
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
    if template.count + "/plugin.sock".utf8.count > Self.pathLimit { template = Array("/tmp/plugin-XXXXXX".utf8CString) }
    guard mkdtemp(&template) != nil else { throw FileError("create folder", parent) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func remove() { try? LocalFiles.removeTree(path) }
}
