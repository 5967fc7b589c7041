import CurlHTTP
import StackModel

/// What a reply that is no success means, in either protocol.
enum AWSReply {
  static func error(_ reply: HTTPCall.Reply) -> (code: String, message: String?) {
    if let json = try? JSONValue(parsing: reply.body) {
      let type = json["__type"]?.string ?? json["code"]?.string ?? ""
      // A type may come with its namespace before a # and a URL behind a colon.
      let code = type.split(separator: "#").last ?? ""
      return (String(code.prefix { $0 != ":" }), json["message"]?.string ?? json["Message"]?.string)
    }
    let error = XMLElement(parsing: reply.body)?.find("Error")
    return (error?["Code"]?.text ?? "", error?["Message"]?.text)
  }

  static func failure(_ reply: HTTPCall.Reply, asking what: String) -> PlatformFailure {
    let (code, message) = error(reply)
    let said = [code.isEmpty ? nil : code, message].compactMap { $0 }.joined(separator: ": ")
    let text = "\(what) answered \(reply.status)\(said.isEmpty ? "" : ": \(said)")"
    if credentialCodes.contains(code) {
      return PlatformFailure(
        .credentials,
        text,
        hint: "the credentials were refused; check them and the clock of this machine"
      )
    }
    if forbiddenCodes.contains(code) {
      return PlatformFailure(.forbidden, text, hint: "the credentials need the right to call this")
    }
    if absentCodes.contains(code) { return PlatformFailure(.absent, text) }
    return PlatformFailure(isPassing(reply) ? .unavailable : .refused, text)
  }

  static func isExpired(_ reply: HTTPCall.Reply) -> Bool {
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired"].contains(error(reply).code)
  }

  /// Too many requests, or a fault of the service's own: another try may do.
  static func isPassing(_ reply: HTTPCall.Reply) -> Bool {
    reply.status >= 500 || reply.status == 429
      || ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"]
        .contains(error(reply).code)
  }

  private static let credentialCodes: Set<String> = [
    "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "IncompleteSignature",
    "IncompleteSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
    "AuthFailure", "InvalidAccessKeyId", "NotAuthorized", "InvalidIdentityToken",
  ]
  private static let forbiddenCodes: Set<String> = [
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorizedException",
  ]
  private static let absentCodes: Set<String> = [
    "ClusterNotFoundException", "ServiceNotFoundException", "TargetGroupNotFound", "LoadBalancerNotFound",
    "ResourceNotFoundException", "ParameterNotFound",
  ]
}
