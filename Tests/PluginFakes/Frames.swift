import NIOCore
package import NIOHPACK
package import NIOHTTP2

/// Frames of gRPC calls.
package enum Frames {
  package static let headers: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]

  package static func prefixed(_ message: [UInt8]) -> [UInt8] {
    [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }

  package static func data(_ bytes: [UInt8], endStream: Bool = false) -> HTTP2Frame.FramePayload {
    .data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: endStream))
  }

  package static func response(_ message: [UInt8]) -> [HTTP2Frame.FramePayload] {
    [
      .headers(.init(headers: headers)), data(prefixed(message)),
      .headers(.init(headers: ["grpc-status": "0", "x-trailer": "kept"], endStream: true)),
    ]
  }

  package static func failure(_ status: Int, _ message: String) -> [HTTP2Frame.FramePayload] {
    [
      .headers(
        .init(
          headers: [
            ":status": "200", "content-type": "application/grpc", "grpc-status": "\(status)",
            "grpc-message": message,
          ],
          endStream: true
        )
      )
    ]
  }
}
