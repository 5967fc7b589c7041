import NIOCore
import NIOHPACK
import NIOHTTP2

/// A whole answer to a call with one request and one response.
struct GRPCReply: Sendable, Hashable {
  /// The codes of gRPC that matter here.
  enum Status {
    static let ok = 0
    static let unimplemented = 12
    /// Terraform takes it for a plugin that is gone.
    static let unavailable = 14
  }

  var status: Int
  /// Percent-encoded, as it stands in the header.
  var message: String = ""
  /// The protobuf message; empty where the call failed.
  var body: [UInt8] = []

  static func ok(_ body: [UInt8]) -> GRPCReply { GRPCReply(status: Status.ok, body: body) }

  static func unavailable(_ reason: String) -> GRPCReply {
    GRPCReply(status: Status.unavailable, message: encoded(reason))
  }

  /// What is left to send where the headers are out already.
  var trailers: HPACKHeaders {
    var trailers: HPACKHeaders = ["grpc-status": "\(status)"]
    if !message.isEmpty { trailers.add(name: "grpc-message", value: message) }
    return trailers
  }

  /// The frames of the whole answer.
  func frames(allocator: ByteBufferAllocator) -> [HTTP2Frame.FramePayload] {
    let headers: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
    guard status == Status.ok else {
      var only = headers
      for (name, value, _) in trailers { only.add(name: name, value: value) }
      return [.headers(.init(headers: only, endStream: true))]
    }
    var data = allocator.buffer(capacity: GRPCMessage.prefixLength + body.count)
    data.writeInteger(UInt8(0))
    data.writeInteger(UInt32(body.count))
    data.writeBytes(body)
    return [
      .headers(.init(headers: headers)), .data(.init(data: .byteBuffer(data))),
      .headers(.init(headers: trailers, endStream: true)),
    ]
  }

  /// Percent-encodes what may not stand in a header.
  private static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8.prefix(2000) {
      if byte >= 0x20 && byte <= 0x7E && byte != UInt8(ascii: "%") {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0\(digits)" : digits)
      }
    }
    return result
  }
}

/// A message as it goes over a stream: one byte that says whether it is compressed, its length in
/// four, its bytes.
struct GRPCMessage {
  static let prefixLength = 5

  private var bytes: [UInt8] = []

  mutating func append(_ data: IOData) {
    guard case .byteBuffer(let buffer) = data else { return }
    bytes.append(contentsOf: buffer.readableBytesView)
  }

  /// The length that the prefix gives; nil until it is there.
  var length: Int? {
    guard bytes.count >= Self.prefixLength else { return nil }
    return bytes[1..<Self.prefixLength].reduce(0) { $0 << 8 | Int($1) }
  }

  var isCompressed: Bool { bytes.first.map { $0 != 0 } ?? false }

  /// The message; nil when it is not exactly one, plain and whole.
  var body: ArraySlice<UInt8>? {
    guard !isCompressed, length == bytes.count - Self.prefixLength else { return nil }
    return bytes[Self.prefixLength...]
  }
}
