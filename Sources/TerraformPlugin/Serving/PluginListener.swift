package import Digests
package import GRPCNIOTransportHTTP2Posix
package import NIOCore
import NIOPosix
import NIOSSL

/// Listens on a Unix socket, in the clear or with TLS in which either side knows the one
/// certificate that the other may have.
///
/// gRPC's own listener cannot be used for the latter: Terraform's certificate is on P-521, and
/// BoringSSL asks for none on that curve unless it is told to.
package struct PluginListener: HTTP2ServerTransport.ListenerFactory {
  package let eventLoopGroup: any EventLoopGroup
  private let socket: String
  private let security: NIOSSLContext?

  /// - Parameters:
  ///   - client: Terraform's certificate in PEM; nil to listen in the clear.
  ///   - own: what Terraform is told to expect.
  package init(
    socket: String,
    client: String?,
    own: SelfSignedCertificate?,
    eventLoopGroup: any EventLoopGroup
  ) throws {
    self.socket = socket
    self.eventLoopGroup = eventLoopGroup
    guard let client, let own else {
      security = nil
      return
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: [.certificate(try NIOSSLCertificate(bytes: own.certificate, format: .der))],
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: own.privateKey, format: .der))
    )
    configuration.minimumTLSVersion = .tlsv12
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(client.utf8)))
    configuration.verifySignatureAlgorithms = [
      .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha256,
    ]
    configuration.applicationProtocols = ["h2"]
    security = try NIOSSLContext(configuration: configuration)
  }

  package func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
    try await ServerBootstrap(group: eventLoopGroup)
      .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
      .bind(unixDomainSocketPath: socket) { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let security else { return }
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: security))
        }.flatMap {
          connectionConfigurator.configure(
            channel: channel,
            tls: security == nil ? .none : .configured(requireALPN: false)
          )
        }
      }
  }
}
