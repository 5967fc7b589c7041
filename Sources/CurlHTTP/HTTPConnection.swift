import CCurl
import Synchronization

/// A connection that calls use one after another: the next one needs no handshake.
package final class HTTPConnection: Sendable {
  /// libcurl's handle. Its type is C's, which whoever imports this module need not know.
  private struct Handle: @unchecked Sendable {
    var pointer: UnsafeMutableRawPointer?
  }

  private let handle = Mutex(Handle())

  package init() {}

  deinit {
    var curl = stackjob_curl()
    handle.withLock { handle in
      if let pointer = handle.pointer, stackjob_curl_load(&curl) == nil { curl.cleanup(pointer) }
    }
  }

  /// One call at a time; others wait. The body makes the handle when there is none.
  func use<Value: Sendable>(_ body: (inout UnsafeMutableRawPointer?) -> Value) -> Value {
    handle.withLock { body(&$0.pointer) }
  }
}
