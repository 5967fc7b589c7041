extension JSONValue {
  /// How a document is laid out as text.
  package enum Layout: Sendable {
    /// One line, no spaces: for events.
    case compact
    /// Two-space indent and a newline at the end: for files that people read.
    case pretty
  }

  package func text(_ layout: Layout = .compact) -> String {
    String(decoding: bytes(layout), as: UTF8.self)
  }

  package func bytes(_ layout: Layout = .compact) -> [UInt8] {
    var output: [UInt8] = []
    write(into: &output, layout: layout, indent: 0)
    if layout == .pretty { output.append(0x0A) }
    return output
  }

  private func write(into output: inout [UInt8], layout: Layout, indent: Int) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): output.append(contentsOf: text.utf8)
    case .string(let text): Self.write(string: text, into: &output)
    case .array(let elements):
      Self.write(elements, open: "[", close: "]", into: &output, layout: layout, indent: indent) {
        $0.write(into: &$1, layout: layout, indent: indent + 1)
      }
    case .object(let object):
      Self.write(object.members, open: "{", close: "}", into: &output, layout: layout, indent: indent) {
        Self.write(string: $0.key, into: &$1)
        $1.append(UInt8(ascii: ":"))
        if layout == .pretty { $1.append(UInt8(ascii: " ")) }
        $0.value.write(into: &$1, layout: layout, indent: indent + 1)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element],
    open: Unicode.Scalar,
    close: Unicode.Scalar,
    into output: inout [UInt8],
    layout: Layout,
    indent: Int,
    each: (Element, inout [UInt8]) -> Void
  ) {
    func newline(_ level: Int, _ output: inout [UInt8]) {
      guard layout == .pretty else { return }
      output.append(0x0A)
      output.append(contentsOf: repeatElement(0x20, count: level * 2))
    }
    output.append(UInt8(ascii: open))
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      newline(indent + 1, &output)
      each(element, &output)
    }
    if !elements.isEmpty { newline(indent, &output) }
    output.append(UInt8(ascii: close))
  }

  private static let hex = Array("0123456789abcdef".utf8)

  private static func write(string text: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { bytes in
      // Escapes are rare: what lies between two of them is copied in one piece.
      var copied = 0
      for position in bytes.indices where needsEscape(bytes[position]) {
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<position]))
        write(escaped: bytes[position], into: &output)
        copied = position + 1
      }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied...]))
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
  }

  private static func write(escaped byte: UInt8, into output: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      output.append(UInt8(ascii: "\\"))
      output.append(byte)
    case 0x0A: output.append(contentsOf: #"\n"#.utf8)
    case 0x0D: output.append(contentsOf: #"\r"#.utf8)
    case 0x09: output.append(contentsOf: #"\t"#.utf8)
    default:
      output.append(contentsOf: #"\u00"#.utf8)
      output.append(hex[Int(byte >> 4)])
      output.append(hex[Int(byte & 15)])
    }
  }
}
