import CCurl
package import StackModel

/// One HTTP request and its reply, by libcurl: proxies and certificates as the environment says.
package struct HTTPCall: Sendable {
  /// AWS Signature Version 4.
  package struct AWSSignature: Sendable {
    package var accessKeyID: String
    package var secretAccessKey: Secret
    package var sessionToken: Secret?
    package var region: String
    package var service: String

    package init(
      accessKeyID: String,
      secretAccessKey: Secret,
      sessionToken: Secret?,
      region: String,
      service: String
    ) {
      self.accessKeyID = accessKeyID
      self.secretAccessKey = secretAccessKey
      self.sessionToken = sessionToken
      self.region = region
      self.service = service
    }
  }

  package struct Reply: Sendable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
      self.status = status
      self.body = body
    }
  }

  /// Why there is no reply.
  package struct Failure: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
  }

  package var url: String
  package var method: String
  package var headers: [String]
  package var body: String?
  package var signature: AWSSignature?
  /// A file of certificates to trust instead of the system's.
  package var certificates: String?
  package var timeoutSeconds: Int
  /// False for an address of this machine's own, which no proxy can reach.
  package var usesProxy: Bool

  package init(
    url: String,
    method: String = "GET",
    headers: [String] = [],
    body: String? = nil,
    signature: AWSSignature? = nil,
    certificates: String? = nil,
    timeoutSeconds: Int = 10,
    usesProxy: Bool = true
  ) {
    self.url = url
    self.method = method
    self.headers = headers
    self.body = body
    self.signature = signature
    self.certificates = certificates
    self.timeoutSeconds = timeoutSeconds
    self.usesProxy = usesProxy
  }

  /// Waits for the whole reply. A status of 400 or more is a reply, not a failure.
  package func perform() throws(Failure) -> Reply {
    var curl = stackjob_curl()
    if let problem = stackjob_curl_load(&curl) {
      throw Failure(description: "libcurl cannot be loaded: \(String(cString: problem))")
    }
    guard let handle = curl.start() else { throw Failure(description: "libcurl cannot start") }
    defer { curl.cleanup(handle) }
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl.free_list(list) }
    for header in headers + sessionHeader { list = curl.append(list, header) }

    func set(_ option: CURLoption, _ text: String) { _ = stackjob_curl_set_text(&curl, handle, option, text) }
    func set(_ option: CURLoption, _ number: Int) {
      _ = stackjob_curl_set_number(&curl, handle, option, number)
    }

    let received = ReceivedBytes()
    set(CURLOPT_URL, url)
    set(CURLOPT_CUSTOMREQUEST, method)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_TIMEOUT, timeoutSeconds)
    set(CURLOPT_CONNECTTIMEOUT, timeoutSeconds)
    // libcurl's own timeout signals would reach threads that know nothing of them.
    set(CURLOPT_NOSIGNAL, 1)
    if let body { set(CURLOPT_COPYPOSTFIELDS, body) }
    if let certificates { set(CURLOPT_CAINFO, certificates) }
    if !usesProxy { set(CURLOPT_NOPROXY, "*") }
    if let signature {
      set(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):\(signature.service)")
      set(CURLOPT_USERPWD, "\(signature.accessKeyID):\(signature.secretAccessKey.reveal())")
    }
    _ = stackjob_curl_set_list(&curl, handle, CURLOPT_HTTPHEADER, list)
    _ = stackjob_curl_set_write(
      &curl,
      handle,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let received = Unmanaged<ReceivedBytes>.fromOpaque(context).takeUnretainedValue()
        return received.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
      },
      Unmanaged.passUnretained(received).toOpaque()
    )

    let code = withExtendedLifetime(received) { curl.perform(handle) }
    guard code == CURLE_OK else {
      let words = curl.message(code).map { String(cString: $0) } ?? "libcurl error \(code.rawValue)"
      throw Failure(description: "\(url): \(words)")
    }
    return Reply(status: stackjob_curl_status(&curl, handle), body: received.bytes)
  }

  private var sessionHeader: [String] {
    signature?.sessionToken.map { ["X-Amz-Security-Token: \($0.reveal())"] } ?? []
  }
}

/// What libcurl hands over piece by piece.
private final class ReceivedBytes {
  /// Replies that we ask for are small; a larger one is cut off by refusing its next piece.
  private static let limit = 64 << 20

  private(set) var bytes: [UInt8] = []

  func append(_ piece: UnsafeRawBufferPointer) -> Int {
    guard bytes.count + piece.count <= Self.limit else { return 0 }
    bytes.append(contentsOf: piece)
    return piece.count
  }
}
