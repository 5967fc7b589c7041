import CurlHTTP
import LocalFiles
package import Platforms
package import References
import StackModel

/// An HTTP endpoint that answers with one value, or with JSON that holds it.
package struct HTTPSource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  /// With placeholders, which are escaped.
  private let url: String
  /// Read at each call: it may be renewed meanwhile.
  private let tokenFile: String?
  /// The member of a JSON answer; nil for the whole body.
  private let field: String?
  private let timeoutSeconds: Int
  private let transport: HTTPTransport

  package init(
    name: String,
    kinds: Set<GroupKind>,
    url: String,
    tokenFile: String?,
    field: String?,
    timeoutSeconds: Int,
    transport: @escaping HTTPTransport
  ) {
    self.name = name
    self.kinds = kinds
    self.url = url
    self.tokenFile = tokenFile
    self.field = field
    self.timeoutSeconds = timeoutSeconds
    self.transport = transport
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    var headers = ["Accept: */*"]
    if let tokenFile {
      guard let token = LocalFiles.text(tokenFile) else {
        return .failed(SourceFailure(.credentials, "the token file \(tokenFile) cannot be read"))
      }
      headers.append("Authorization: Bearer \(token.withoutFinalNewline)")
    }
    let call = HTTPCall(
      url: Placeholders(text: url).filled(reference, escape: PercentEncoding.component),
      headers: headers,
      timeoutSeconds: timeoutSeconds
    )
    switch HTTPAnswer.ask(call, transport) {
    case .failure(let failure): return .failed(failure)
    case .success(nil): return .missing(known: [])
    case .success(let body?):
      guard let field else {
        return SourceAnswer.text(body, of: "the answer").withoutFinalNewline
      }
      guard let json = try? JSONValue(parsing: body), let object = json.object else {
        return .failed(SourceFailure(.refused, "the answer is not a JSON object"))
      }
      return .member(Placeholders(text: field).filled(reference), of: object, group: reference.group)
    }
  }
}

/// What the status of an answer means. Bodies of errors are not repeated: they may hold what was sent.
enum HTTPAnswer {
  /// - Returns: the body; nil when there is nothing of that name.
  static func ask(_ call: HTTPCall, _ transport: HTTPTransport) -> Result<[UInt8]?, SourceFailure> {
    switch transport(call) {
    case .failure(let failure): return .failure(SourceFailure(.unavailable, "\(failure)"))
    case .success(let reply):
      switch reply.status {
      case 200..<300: return .success(reply.body)
      case 404: return .success(nil)
      case 401, 403:
        return .failure(SourceFailure(.credentials, "it refused the credentials (\(reply.status))"))
      case 429, 500...:
        return .failure(SourceFailure(.unavailable, "it answered \(reply.status)", hint: "try again later"))
      default: return .failure(SourceFailure(.refused, "it answered \(reply.status)"))
      }
    }
  }
}
