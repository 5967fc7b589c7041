import LocalFiles
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// Looks through an event log without holding it in memory: it may be a gigabyte.
struct EventScan {
  let path: String
  /// An event's type stands near its beginning.
  private static let headLength = 200
  private static let mark = Array("\"type\":\"".utf8)

  init(path: String) { self.path = path }

  /// - Parameter types: of the events that are wanted.
  func forEach(_ types: String..., body: (JSONValue) -> Void) {
    let types = types.map { Array(($0 + "\"").utf8) }
    var line: [UInt8] = []
    var isPassedOver = false
    // A log that cannot be read, or is not there, has no events.
    try? LocalFiles.forEachChunk(of: path) { chunk in
      chunk.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while start < bytes.count {
          let here = base + start
          let end = memchr(here, 0x0A, bytes.count - start)
          let length = end.map { here.distance(to: UnsafeRawPointer($0)) }
          let piece = UnsafeRawBufferPointer(start: here, count: length ?? bytes.count - start)
          start += piece.count + 1
          if isPassedOver {
            isPassedOver = length == nil
          } else if line.isEmpty, length != nil {
            Self.tell(piece, types, body)
          } else {
            line.append(contentsOf: piece)
            if length != nil {
              line.withUnsafeBytes { Self.tell($0, types, body) }
              line.removeAll(keepingCapacity: line.count < 1 << 20)
            } else if line.count > Self.headLength, !line.withUnsafeBytes({ Self.isWanted($0, types) }) {
              line = []
              isPassedOver = true
            }
          }
        }
      }
    }
    line.withUnsafeBytes { Self.tell($0, types, body) }
  }

  private static func tell(_ line: UnsafeRawBufferPointer, _ types: [[UInt8]], _ body: (JSONValue) -> Void) {
    guard isWanted(line, types), let event = try? JSONValue(parsing: Array(line)) else { return }
    body(event)
  }

  private static func isWanted(_ line: UnsafeRawBufferPointer, _ types: [[UInt8]]) -> Bool {
    guard let start = line.baseAddress else { return false }
    let end = min(line.count, headLength) - mark.count
    var index = 0
    while index < end, let found = memchr(start + index, 0x22, end - index) {
      index = start.distance(to: UnsafeRawPointer(found))
      if memcmp(found, mark, mark.count) == 0 {
        let type = line[(index + mark.count)...]
        return types.contains { type.starts(with: $0) }
      }
      index += 1
    }
    return false
  }
}
