package import CurlHTTP
import LocalFiles
import StackModel

/// A queue behind a URL: how it is reached, and what its answers mean.
package struct QueueEndpoint: Sendable {
  /// Without a slash at its end.
  package let url: String
  package var access: Access

  package struct Access: Sendable {
    /// Certificates to trust instead of the system's.
    package var certificates: String?
    package var clientCertificate: String?
    package var clientKey: String?
    /// Holds the bearer token; read for each request, so that it may be replaced at any time.
    package var tokenFile: String?

    package init(
      certificates: String? = nil,
      clientCertificate: String? = nil,
      clientKey: String? = nil,
      tokenFile: String? = nil
    ) {
      self.certificates = certificates
      self.clientCertificate = clientCertificate
      self.clientKey = clientKey
      self.tokenFile = tokenFile
    }
  }

  package struct Request: Sendable {
    package var method: String
    /// Below the URL, with its query.
    package var path: String
    package var headers: [String] = []
    package var body: [UInt8]?
    /// A file that is the body.
    package var upload: String?
    /// Takes what comes with status 200, piece by piece.
    package var download: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    /// What the server may take beyond the usual.
    package var wait = 0

    package init(
      _ method: String,
      _ path: String,
      headers: [String] = [],
      body: [UInt8]? = nil,
      wait: Int = 0
    ) {
      self.method = method
      self.path = path
      self.headers = headers
      self.body = body
      self.wait = wait
    }

    package init(
      _ method: String,
      _ path: String,
      headers: [String] = [],
      _ document: some WireDocument,
      wait: Int = 0
    ) {
      self.init(
        method,
        path,
        headers: headers + ["content-type: application/json"],
        body: document.json.bytes(),
        wait: wait
      )
    }
  }

  package enum Answer: Sendable {
    /// 2xx.
    case done(HTTPCall.Reply)
    /// 4xx: asking again would not help.
    case refused(status: Int, Wire.Problem)
    /// 401 and 403: not until somebody changes who may do what.
    case denied(status: Int, String)
    /// No answer, none that is understood, 429 or 5xx: ask again, after so many seconds if the server says so.
    case later(String, seconds: Double?)
    /// 4xx without a reason: something on the way, or no server of jobs at all. Asked again, but not for ever.
    case unexplained(status: Int)
  }

  package init(url: String, access: Access) {
    self.url = String(url.reversed().drop { $0 == "/" }.reversed())
    self.access = access
  }

  /// Asks once.
  package func ask(_ request: Request, on connection: HTTPConnection? = nil) -> Answer {
    switch reply(to: request, on: connection) {
    case .success(let reply): Self.judge(reply)
    case .failure(let failure): .later(failure.description, seconds: nil)
    }
  }

  func reply(
    to request: Request,
    on connection: HTTPConnection?
  ) -> Result<HTTPCall.Reply, HTTPCall.Failure> {
    var headers = request.headers + ["accept: application/json", "expect:"]
    if let file = access.tokenFile {
      let token = LocalFiles.text(file)?.filter { !$0.isWhitespace } ?? ""
      guard !token.isEmpty else {
        return .failure(HTTPCall.Failure(description: "there is no token in \(file)"))
      }
      headers.append("authorization: Bearer \(token)")
    }
    // Nothing waits for a reply longer than this; a server that is slower is one that does not answer.
    var call = HTTPCall(
      url: "\(url)/v1\(request.path)",
      method: request.method,
      headers: headers,
      certificates: access.certificates,
      timeoutSeconds: 30 + request.wait
    )
    call.connectSeconds = 10
    call.bytes = request.body ?? (request.method == "GET" || request.method == "DELETE" ? nil : [])
    call.upload = request.upload
    call.download = request.download
    call.clientCertificate = access.clientCertificate
    call.clientKey = access.clientKey
    return Result { () throws(HTTPCall.Failure) in try call.perform(on: connection) }
  }

  static func judge(_ reply: HTTPCall.Reply) -> Answer {
    let problem = (try? JSONValue(parsing: reply.body)).flatMap(Wire.Problem.init)
    let words = problem?.error ?? "status \(reply.status)"
    switch reply.status {
    case 200...299: return .done(reply)
    case 401, 403: return .denied(status: reply.status, words)
    case 408, 425, 429, 500...599:
      return .later(words, seconds: reply.headers["retry-after"].flatMap { Double($0) })
    // A server says why it refuses; what says nothing is something else on the way.
    case 400...499 where problem != nil:
      return .refused(status: reply.status, problem ?? Wire.Problem(error: words))
    case 400...499: return .unexplained(status: reply.status)
    default: return .later("unexpected \(words)", seconds: nil)
    }
  }
}

extension QueueEndpoint.Answer {
  /// What was asked for, if it can be read.
  package func document<Document: WireDocument>(_: Document.Type) -> Document? {
    guard case .done(let reply) = self else { return nil }
    return (try? JSONValue(parsing: reply.body)).flatMap(Document.init(json:))
  }

  /// How long the server wants to be left alone.
  var seconds: Double? { if case .later(_, let seconds) = self { seconds } else { nil } }

  package var words: String {
    switch self {
    case .done(let reply):
      "an answer that cannot be understood (status \(reply.status), \(reply.body.count) bytes)"
    case .refused(let status, let problem): "\(problem.error) (\(status))"
    case .denied(let status, let words): "\(words) (\(status))"
    case .later(let words, _): words
    case .unexplained(let status):
      "status \(status) without a reason: something on the way, or the URL is none of a server of jobs"
    }
  }
}

/// How long nothing but refusals without a reason have come.
struct UnexplainedRefusals: Sendable {
  private var since: Elapsed?
  /// How long is long enough, in seconds.
  let patience: Double

  init(patience: Double) { self.patience = patience }

  /// - Returns: whether it has gone on for too long.
  mutating func persist(with answer: QueueEndpoint.Answer) -> Bool {
    guard case .unexplained = answer else {
      // Silence tells nothing.
      if case .later = answer { return false }
      since = nil
      return false
    }
    if since == nil { since = Elapsed() }
    return (since?.seconds ?? 0) > patience
  }
}

/// How long to wait before something is tried again: twice as long each time, and never for two of us alike.
package struct Backoff: Sendable {
  private var failures = 0
  private let first: Double
  private let longest: Double

  package init(first: Double = 0.2, longest: Double = 30) {
    self.first = first
    self.longest = longest
  }

  package mutating func succeeded() { failures = 0 }

  /// - Parameters:
  ///   - atLeast: what the server asked for.
  ///   - chance: from 0 to 1.
  /// - Returns: seconds.
  package mutating func next(atLeast: Double? = nil, chance: Double = .random(in: 0...1)) -> Double {
    var span = first
    for _ in 0..<min(failures, 20) where span < longest { span *= 2 }
    failures += 1
    let asked = min(max(atLeast ?? 0, 0), 3600)
    return asked + min(span, longest) * (0.5 + chance / 2)
  }
}
