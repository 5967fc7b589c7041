#if canImport(Glibc)
  import Glibc
#endif

/// Cuts a byte stream into lines at `\n` and nothing else.
///
/// Tools write JSON with one event a line; a lone carriage return or U+2028 inside a string is part
/// of the line. A line longer than the cap is delivered cut, marked as such, and its rest is passed
/// over, so that memory stays bounded whatever a tool writes.
package struct LineSplitter {
  package struct Line: Sendable, Equatable {
    /// Without the newline.
    package var bytes: [UInt8]
    /// How many bytes the cap removed.
    package var droppedBytes: Int

    /// The text, with U+FFFD in the place of bytes that are not UTF-8.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  private let cap: Int
  private var partial: [UInt8] = []
  private var dropped = 0

  /// - Parameter cap: the most bytes of one line that are kept.
  package init(cap: Int = 64 << 20) { self.cap = cap }

  /// Takes the next bytes and hands on each line they complete.
  package mutating func feed(_ chunk: UnsafeRawBufferPointer, line deliver: (Line) -> Void) {
    guard let base = chunk.baseAddress else { return }
    var start = 0
    while start < chunk.count,
      let found = memchr(base + start, Int32(UInt8(ascii: "\n")), chunk.count - start)
    {
      let end = base.distance(to: UnsafeRawPointer(found))
      append(UnsafeRawBufferPointer(rebasing: chunk[start..<end]))
      deliver(take())
      start = end + 1
    }
    append(UnsafeRawBufferPointer(rebasing: chunk[start...]))
  }

  /// The last line, when the stream ended without a newline.
  package mutating func finish() -> Line? {
    partial.isEmpty && dropped == 0 ? nil : take()
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    let room = max(0, cap - partial.count)
    partial.append(contentsOf: bytes.prefix(room))
    dropped += max(0, bytes.count - room)
  }

  private mutating func take() -> Line {
    defer {
      partial.removeAll(keepingCapacity: partial.capacity <= 1 << 16)
      dropped = 0
    }
    return Line(bytes: partial, droppedBytes: dropped)
  }
}
