import CSpawn
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// One end of a connection between two of our own processes, for messages in JSON that may carry another such end.
///
/// It has no name anywhere: who holds an end was given it.
final class MessageSocket: Sendable {
  /// What one message may take; the system's own limit for a message lies a little above.
  private static let limit = 160 << 10

  let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Two ends; nil when the system has no more.
  static func pair() -> (MessageSocket, MessageSocket)? {
    var ends: [Int32] = [-1, -1]
    guard stackjob_pair(&ends) == 0 else { return nil }
    return (MessageSocket(descriptor: ends[0]), MessageSocket(descriptor: ends[1]))
  }

  /// - Returns: false when nobody is there to read it, or it is too long.
  @discardableResult
  func send(_ message: JSONValue, passing other: MessageSocket? = nil) -> Bool {
    let bytes = message.bytes()
    guard bytes.count <= Self.limit else { return false }
    return withExtendedLifetime(other) {
      stackjob_send(descriptor, bytes, bytes.count, other?.descriptor ?? -1) == 0
    }
  }

  /// Waits for a message.
  ///
  /// - Returns: nil at the end, or when what came is no message of ours.
  func receive() -> (message: JSONValue, passed: MessageSocket?)? {
    var bytes = [UInt8](repeating: 0, count: Self.limit)
    var passed: Int32 = -1
    let count = stackjob_receive(descriptor, &bytes, bytes.count, &passed)
    let other = passed >= 0 ? MessageSocket(descriptor: passed) : nil
    guard count > 0, let message = try? JSONValue(parsing: Array(bytes[..<count])) else { return nil }
    return (message, other)
  }

  /// From now on a message that does not come in time is none.
  func setPatience(seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Tells the other end that nothing more will come.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends both directions, also for who waits on this end. What was sent is read all the same.
  func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
