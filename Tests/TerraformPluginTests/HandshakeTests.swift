import PluginWire
import Testing

@Suite("Handshake")
struct HandshakeTests {
  private let cookie = [Handshake.cookieName: Handshake.cookie]

  @Test("The highest version that both sides speak is taken")
  func versions() throws {
    let environment = cookie.merging(["PLUGIN_PROTOCOL_VERSIONS": "5,6"]) { $1 }
    #expect(try Handshake(environment: environment, speaks: [.v5, .v6]).version == .v6)
    #expect(try Handshake(environment: environment, speaks: [.v5]).version == .v5)
  }

  @Test("A process that Terraform did not start is refused")
  func cookieMissing() {
    #expect(throws: Handshake.Refusal.notStartedByTerraform) {
      try Handshake(environment: ["PLUGIN_PROTOCOL_VERSIONS": "6"], speaks: [.v6])
    }
  }

  @Test("Versions that nobody speaks are named")
  func noVersion() {
    let environment = cookie.merging(["PLUGIN_PROTOCOL_VERSIONS": "4,7"]) { $1 }
    #expect(throws: Handshake.Refusal.noCommonVersion("4,7")) {
      try Handshake(environment: environment, speaks: [.v5, .v6])
    }
  }

  @Test("An empty client certificate means a connection in the clear")
  func clear() throws {
    let environment = cookie.merging(["PLUGIN_PROTOCOL_VERSIONS": "6", "PLUGIN_CLIENT_CERT": ""]) { $1 }
    let handshake = try Handshake(environment: environment, speaks: [.v6])
    #expect(handshake.clientCertificate == nil)
    #expect(handshake.line(socket: "/s", certificate: "") == "1|6|unix|/s|grpc|")
  }
}
