import Testing
import ToolProcess

@Suite struct LineSplitterTests {
  /// Feeds the text in pieces of a size and gives the lines.
  private func lines(_ text: String, piece: Int, cap: Int = 1 << 20) -> [LineSplitter.Line] {
    var splitter = LineSplitter(cap: cap)
    var found: [LineSplitter.Line] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes {
        splitter.feed($0) { found.append($0) }
      }
    }
    if let last = splitter.finish() { found.append(last) }
    return found
  }

  @Test(arguments: 1...9)
  func `pieces of any size give the same lines`(piece: Int) {
    #expect(lines("one\n\ntwo\nthree", piece: piece).map(\.text) == ["one", "", "two", "three"])
  }

  @Test func `only a newline ends a line`() {
    let text = "a\rb\u{2028}c\u{85}d\n"
    #expect(lines(text, piece: 3).map(\.text) == ["a\rb\u{2028}c\u{85}d"])
  }

  @Test func `a line over the cap is cut and says by how much`() {
    let found = lines(String(repeating: "x", count: 100) + "\nnext\n", piece: 7, cap: 10)
    #expect(found.map(\.text) == ["xxxxxxxxxx", "next"])
    #expect(found.map(\.droppedBytes) == [90, 0])
  }

  @Test func `bytes that are no UTF-8 become replacement characters`() {
    var splitter = LineSplitter()
    var found: [String] = []
    [0x61, 0xFF, 0x62, 0x0A].map(UInt8.init).withUnsafeBytes { splitter.feed($0) { found.append($0.text) } }
    #expect(found == ["a\u{FFFD}b"])
  }
}
