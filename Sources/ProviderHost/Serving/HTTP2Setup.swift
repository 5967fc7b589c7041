import NIOCore
import NIOHPACK
import NIOHTTP2

/// How we speak HTTP/2 on both sides of the proxy.
enum HTTP2Setup {
  /// What one call may have under way in one direction before its receiver takes it. A state in a
  /// message of many megabytes then does not wait for a round trip every 64 KiB.
  private static let window = 4 << 20

  static var configuration: NIOHTTP2Handler.Configuration {
    var configuration = NIOHTTP2Handler.Configuration()
    configuration.connection.initialSettings = [
      // Terraform's parallelism has no upper limit, and a provider sets none either.
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 1 << 16),
      // gRPC carries error messages in headers and allows 16 MiB.
      HTTP2Setting(parameter: .maxHeaderListSize, value: 16 << 20),
      HTTP2Setting(parameter: .initialWindowSize, value: window),
    ]
    configuration.connection.targetWindowSize = 2 * window
    configuration.stream.targetWindowSize = window
    configuration.stream.outboundBufferSizeHighWatermark = 1 << 18
    configuration.stream.outboundBufferSizeLowWatermark = 1 << 16
    // The guards against hostile peers count harmless frames: gRPC for Go sends a ping whenever much
    // data came. Both peers are our own processes.
    configuration.connection.controlFrameRateLimit.windowLength = .nanoseconds(1)
    configuration.stream.streamResetFrameRateLimit.windowLength = .nanoseconds(1)
    configuration.stream.streamErrorRateLimit.windowLength = .nanoseconds(1)
    configuration.connection.maximumSequentialEmptyDataFrames = .max
    configuration.connection.maximumConnectionGlitches = .max
    configuration.connection.maximumBufferedControlFrames = 1 << 20
    return configuration
  }
}

extension HTTP2Frame.FramePayload {
  /// True for the last frame of its direction.
  var endsStream: Bool {
    switch self {
    case .headers(let headers): headers.endStream
    case .data(let data): data.endStream
    default: false
    }
  }
}
