import CCurl
package import StackModel

#if canImport(Glibc)
  import Glibc
#endif

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
    /// By their names in lower case.
    package var headers: [String: String]

    package init(status: Int, body: [UInt8], headers: [String: String] = [:]) {
      self.status = status
      self.body = body
      self.headers = headers
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
  /// A body that may be no text; comes before `body`.
  package var bytes: [UInt8]?
  /// A file that is the body, read as it is sent; comes before `bytes`.
  package var upload: String?
  /// Takes the body of a reply with status 200, piece by piece, in place of the reply's own; false ends the call.
  package var download: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
  package var signature: AWSSignature?
  /// A file of certificates to trust instead of the system's.
  package var certificates: String?
  /// Files of a certificate and its key, in PEM, by which the server knows us.
  package var clientCertificate: String?
  package var clientKey: String?
  /// For the whole call; with a file to send or to take, for how long nothing may move.
  package var timeoutSeconds: Int
  /// How long a connection may take; nil for as long as the whole call.
  package var connectSeconds: Int?
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
  ///
  /// - Parameter connection: to be used again; nil makes one for this call.
  package func perform(on connection: HTTPConnection? = nil) throws(Failure) -> Reply {
    let result = (connection ?? HTTPConnection()).use { handle in
      Result { () throws(Failure) in try perform(&handle) }
    }
    return try result.get()
  }

  private func perform(_ handle: inout UnsafeMutableRawPointer?) throws(Failure) -> Reply {
    var curl = stackjob_curl()
    if let problem = stackjob_curl_load(&curl) {
      throw Failure(description: "libcurl cannot be loaded: \(String(cString: problem))")
    }
    // What an earlier call has set is forgotten; its connection is kept.
    if let handle { curl.reset(handle) }
    if handle == nil { handle = curl.start() }
    guard let handle else { throw Failure(description: "libcurl cannot start") }
    return try perform(&curl, handle)
  }

  private func perform(_ curl: inout stackjob_curl, _ handle: UnsafeMutableRawPointer) throws(Failure)
    -> Reply
  {
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl.free_list(list) }
    for header in headers + sessionHeader { list = curl.append(list, header) }

    func set(_ option: CURLoption, _ text: String) { _ = stackjob_curl_set_text(&curl, handle, option, text) }
    func set(_ option: CURLoption, _ number: Int) {
      _ = stackjob_curl_set_number(&curl, handle, option, number)
    }

    let heads = ReceivedBytes()
    let received = ReceivedBytes(heads: heads, download: download)
    let file = try upload.map { path throws(Failure) in try UploadedFile(path) }
    set(CURLOPT_URL, url)
    set(CURLOPT_CUSTOMREQUEST, method)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    if upload != nil || download != nil {
      // A large file takes as long as it takes; a connection on which nothing moves is dead.
      set(CURLOPT_LOW_SPEED_LIMIT, 1)
      set(CURLOPT_LOW_SPEED_TIME, timeoutSeconds)
    } else {
      set(CURLOPT_TIMEOUT, timeoutSeconds)
    }
    set(CURLOPT_CONNECTTIMEOUT, connectSeconds ?? timeoutSeconds)
    // libcurl's own timeout signals would reach threads that know nothing of them.
    set(CURLOPT_NOSIGNAL, 1)
    if let file {
      let context = Unmanaged.passUnretained(file).toOpaque()
      _ = stackjob_curl_set_upload(&curl, handle, Int64(file.size), readPiece, seek, context)
    } else if let bytes {
      // The size first: without it the copy would end at the first byte that is zero.
      set(CURLOPT_POSTFIELDSIZE, bytes.count)
      _ = (bytes + [0]).withUnsafeBytes {
        stackjob_curl_set_text(
          &curl,
          handle,
          CURLOPT_COPYPOSTFIELDS,
          $0.baseAddress?.assumingMemoryBound(to: CChar.self)
        )
      }
    } else if let body {
      set(CURLOPT_COPYPOSTFIELDS, body)
    }
    if let certificates { set(CURLOPT_CAINFO, certificates) }
    if let clientCertificate { set(CURLOPT_SSLCERT, clientCertificate) }
    if let clientKey { set(CURLOPT_SSLKEY, clientKey) }
    if !usesProxy { set(CURLOPT_NOPROXY, "*") }
    if let signature {
      set(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):\(signature.service)")
      set(CURLOPT_USERPWD, "\(signature.accessKeyID):\(signature.secretAccessKey.reveal())")
    }
    _ = stackjob_curl_set_list(&curl, handle, CURLOPT_HTTPHEADER, list)
    _ = stackjob_curl_set_write(&curl, handle, receive, Unmanaged.passUnretained(received).toOpaque())
    _ = stackjob_curl_set_header_write(&curl, handle, receive, Unmanaged.passUnretained(heads).toOpaque())

    let code = withExtendedLifetime((received, heads, file)) { curl.perform(handle) }
    guard code == CURLE_OK else {
      let words = curl.message(code).map { String(cString: $0) } ?? "libcurl error \(code.rawValue)"
      throw Failure(description: "\(url): \(words)")
    }
    return Reply(
      status: stackjob_curl_status(&curl, handle),
      body: received.bytes,
      headers: Self.fields(heads.bytes)
    )
  }

  /// The fields of the last head; those before it are of redirections and of `100 Continue`.
  private static func fields(_ bytes: [UInt8]) -> [String: String] {
    var fields: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      if line.hasPrefix("HTTP/") { fields = [:] }
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      fields[line[..<colon].lowercased()] = String(value)
    }
    return fields
  }

  private var sessionHeader: [String] {
    signature?.sessionToken.map { ["X-Amz-Security-Token: \($0.reveal())"] } ?? []
  }
}

private func receive(
  _ bytes: UnsafeMutablePointer<CChar>?,
  _ size: Int,
  _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let received = Unmanaged<ReceivedBytes>.fromOpaque(context).takeUnretainedValue()
  return received.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

/// What libcurl hands over piece by piece.
private final class ReceivedBytes {
  /// Replies that we ask for are small; a larger one is cut off by refusing its next piece.
  private static let limit = 64 << 20

  private(set) var bytes: [UInt8] = []
  private let heads: ReceivedBytes?
  private let download: (@Sendable (UnsafeRawBufferPointer) -> Bool)?

  init(heads: ReceivedBytes? = nil, download: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil) {
    self.heads = heads
    self.download = download
  }

  func append(_ piece: UnsafeRawBufferPointer) -> Int {
    if let download, heads?.status == "200" { return download(piece) ? piece.count : 0 }
    guard bytes.count + piece.count <= Self.limit else { return 0 }
    bytes.append(contentsOf: piece)
    return piece.count
  }

  /// Of the last head.
  private var status: Substring? {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .last { $0.hasPrefix("HTTP/") }?.split(separator: " ").dropFirst().first
  }
}

/// A body that is read as it is sent.
private final class UploadedFile {
  private let descriptor: Int32
  let size: Int

  init(_ path: String) throws(HTTPCall.Failure) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var info = stat()
    guard descriptor >= 0, fstat(descriptor, &info) == 0 else {
      throw HTTPCall.Failure(description: "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    size = Int(info.st_size)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Returns: how many bytes were read; below 0 when the file cannot be read.
  func read(_ bytes: UnsafeMutablePointer<CChar>, _ count: Int) -> Int {
    while true {
      let read = Glibc.read(descriptor, bytes, count)
      if read >= 0 || errno != EINTR { return read }
    }
  }

  func seek(to offset: Int) -> Bool { lseek(descriptor, off_t(offset), SEEK_SET) >= 0 }
}

/// libcurl's `CURL_READFUNC_ABORT`.
private let abortedRead = 0x1000_0000

private func readPiece(
  _ bytes: UnsafeMutablePointer<CChar>?,
  _ size: Int,
  _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return abortedRead }
  let read = Unmanaged<UploadedFile>.fromOpaque(context).takeUnretainedValue().read(bytes, size * count)
  return read < 0 ? abortedRead : read
}

private func seek(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32) -> Int32 {
  guard let context, origin == SEEK_SET else { return 1 }
  return Unmanaged<UploadedFile>.fromOpaque(context).takeUnretainedValue().seek(to: Int(offset)) ? 0 : 1
}
