import CurlHTTP
package import StackModel
import Synchronization

/// AWS, for reading: the two protocols of the services that we ask.
package protocol AWSAPI: Sendable {
  /// A call of a service that speaks JSON.
  func json(_ service: AWSService, _ action: String, _ body: JSONValue) async throws(PlatformFailure)
    -> JSONValue
  /// A call of Elastic Load Balancing, which answers in XML.
  func loadBalancing(_ action: String, _ parameters: [(String, String)]) async throws(PlatformFailure)
    -> AWSDocument
}

/// A reply in XML.
package struct AWSDocument: Sendable, Hashable {
  var root: XMLElement
}

package final class AWSClient: AWSAPI {
  private let endpoints: AWSEndpoints
  private let source: AWSCredentialSource
  private let chain: AWSCredentialChain
  private let certificates: String?
  private let transport: HTTPTransport
  private let keys = Mutex<AWSKeys?>(nil)

  /// - Parameter certificates: a file of certificates to trust instead of the system's.
  package init(
    endpoints: AWSEndpoints,
    source: AWSCredentialSource,
    chain: AWSCredentialChain,
    certificates: String?,
    transport: @escaping HTTPTransport
  ) {
    self.endpoints = endpoints
    self.source = source
    self.chain = chain
    self.certificates = certificates
    self.transport = transport
  }

  package func json(
    _ service: AWSService,
    _ action: String,
    _ body: JSONValue
  ) async throws(PlatformFailure) -> JSONValue {
    let reply = try await send(service, action) { url, signature, certificates in
      HTTPCall(
        url: url,
        method: "POST",
        headers: ["Content-Type: application/x-amz-json-1.1", "X-Amz-Target: \(service.target).\(action)"],
        body: body.text(),
        signature: signature,
        certificates: certificates
      )
    }
    do throws(JSONParseError) {
      return try JSONValue(parsing: reply.body)
    } catch {
      throw PlatformFailure(.refused, "the answer to \(service.rawValue) \(action) is not JSON: \(error)")
    }
  }

  package func loadBalancing(
    _ action: String,
    _ parameters: [(String, String)]
  ) async throws(PlatformFailure) -> AWSDocument {
    let reply = try await send(.elasticLoadBalancing, action) { url, signature, certificates in
      AWSQuery.call(
        url: url,
        action: action,
        version: "2015-12-01",
        parameters: parameters,
        signature: signature,
        certificates: certificates
      )
    }
    guard let root = XMLElement(parsing: reply.body) else {
      throw PlatformFailure(.refused, "the answer to \(action) is not the XML that was expected")
    }
    return AWSDocument(root: root)
  }

  private typealias Build = (_ url: String, HTTPCall.AWSSignature, _ certificates: String?) -> HTTPCall

  private func send(
    _ service: AWSService,
    _ action: String,
    _ build: Build
  ) async throws(PlatformFailure) -> HTTPCall.Reply {
    let url = try endpoints.url(service)
    var attempt = 1
    var hasRenewed = false
    while true {
      let keys = try await currentKeys()
      let signature = keys.signature(region: endpoints.region, service: service)
      switch transport(build(url, signature, certificates)) {
      case .failure(let failure): throw PlatformFailure(.unavailable, "\(failure)")
      case .success(let reply) where reply.status == 200: return reply
      case .success(let reply):
        if AWSReply.isExpired(reply), !hasRenewed {
          // Keys of a role live for an hour or so, a watch may live longer.
          hasRenewed = true
          self.keys.withLock { $0 = nil }
          continue
        }
        guard AWSReply.isPassing(reply), attempt < 3 else {
          throw AWSReply.failure(reply, asking: "\(service.rawValue) \(action)")
        }
        try? await Task.sleep(for: .milliseconds(300 * attempt))
        attempt += 1
      }
    }
  }

  private func currentKeys() async throws(PlatformFailure) -> AWSKeys {
    if let known = keys.withLock({ $0 }) { return known }
    let fresh = try await chain.keys(from: source)
    keys.withLock { $0 = fresh }
    return fresh
  }
}

/// AWS' query protocol.
enum AWSQuery {
  static func call(
    url: String,
    action: String,
    version: String,
    parameters: [(String, String)],
    signature: HTTPCall.AWSSignature?,
    certificates: String?
  ) -> HTTPCall {
    let fields = [("Action", action), ("Version", version)] + parameters
    return HTTPCall(
      url: url,
      method: "POST",
      headers: ["Content-Type: application/x-www-form-urlencoded; charset=utf-8"],
      body: fields.map { "\($0)=\(PercentEncoding.component($1))" }.joined(separator: "&"),
      signature: signature,
      certificates: certificates
    )
  }
}
