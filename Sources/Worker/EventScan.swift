import LocalFiles
import StackModel

/// Looks through an event log without holding it in memory: it may be a gigabyte.
struct EventScan {
  let path: String

  /// - Parameter type: of the events that are wanted.
  func forEach(_ type: String, _ body: (JSONValue) -> Void) {
    let mark = Array("\"type\":\"\(type)\"".utf8)
    var line: [UInt8] = []
    // A log that cannot be read, or is not there, has no events.
    try? LocalFiles.forEachChunk(of: path) { chunk in
      var rest = chunk
      while let end = rest.firstIndex(of: 0x0A) {
        line.append(contentsOf: rest[..<end])
        Self.tell(line, mark, body)
        line.removeAll(keepingCapacity: true)
        rest = rest[(end + 1)...]
      }
      line.append(contentsOf: rest)
    }
    Self.tell(line, mark, body)
  }

  /// An event's type stands near its beginning.
  private static func tell(_ line: [UInt8], _ mark: [UInt8], _ body: (JSONValue) -> Void) {
    let head = line.prefix(200)
    guard head.indices.contains(where: { head[$0...].starts(with: mark) }),
      let event = try? JSONValue(parsing: line)
    else { return }
    body(event)
  }
}
