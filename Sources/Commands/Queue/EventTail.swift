import JobSources
import LocalFiles
import StackModel

/// Whole lines of a growing event log, of which only a piece is held in memory.
struct EventTail<Failure: Error> {
  /// Reads a piece of the log; empty where it ends.
  typealias Fetch = (_ offset: Int, _ count: Int) throws(Failure) -> [UInt8]

  let from: Int
  let fetch: Fetch
  private var offset = 0

  init(from: Int, fetch: @escaping Fetch) {
    self.from = from
    self.fetch = fetch
  }

  /// Some of the lines that have come since, without those before the first that is wanted; empty when there are
  /// none. A line that is half written waits for the rest of it.
  mutating func read() throws(Failure) -> [UInt8] {
    while true {
      let lines = try readPiece()
      guard from > 1, !lines.isEmpty else { return lines }
      let wanted = lines.split(separator: 0x0A).filter { line in
        ((try? JSONValue(parsing: line))?["seq"]?.int ?? from) >= from
      }
      if !wanted.isEmpty { return wanted.flatMap { Array($0) + [0x0A] } }
    }
  }

  private mutating func readPiece() throws(Failure) -> [UInt8] {
    var piece = 1 << 20
    while case let bytes = try fetch(offset, piece), !bytes.isEmpty {
      if let end = bytes.lastIndex(of: 0x0A) {
        offset += end + 1
        return Array(bytes[...end])
      }
      // The line is not whole yet, or longer than the piece.
      if bytes.count < piece { break }
      piece *= 4
    }
    return []
  }
}

extension EventTail where Failure == Never {
  /// Of a log on this machine; one that is not there yet is empty.
  init(path: String, from: Int) {
    self.init(from: from) { offset, count in
      (try? LocalFiles.read(path, from: offset, atMost: count)) ?? []
    }
  }
}
