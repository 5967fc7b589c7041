import StackModel

/// The way from a document's root to a field: `spec.sidecars[0].name`, `metadata.labels."a.b/c"`.
package struct FieldPath: Sendable, Hashable {
  package enum Step: Sendable, Hashable {
    case key(String)
    case index(Int)
  }

  package var steps: [Step]

  package static let root = FieldPath([])

  package init(_ steps: [Step]) { self.steps = steps }

  package init(keys: String...) { steps = keys.map { .key($0) } }

  package var isRoot: Bool { steps.isEmpty }

  package func appending(_ step: Step) -> FieldPath { FieldPath(steps + [step]) }
  package func appending(key: String) -> FieldPath { appending(.key(key)) }
  package func appending(index: Int) -> FieldPath { appending(.index(index)) }
}

extension FieldPath: CustomStringConvertible {
  /// The same text that `init(parsing:)` reads.
  package var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .index(let index): text += "[\(index)]"
      case .key(let key):
        if !text.isEmpty { text += "." }
        text += Self.isBare(key) ? key : JSONValue.string(key).text()
      }
    }
    return text
  }

  /// Whether a key can stand in a path without quotes.
  private static func isBare(_ key: String) -> Bool {
    !key.isEmpty
      && key.utf8.allSatisfy { byte in
        byte > 0x20 && byte != 0x7F && !special.contains(byte)
      }
  }

  private static let special = Array(#".[]"=\"#.utf8)
}

/// Why a text is not a path.
package struct FieldPathError: Error, Hashable, CustomStringConvertible {
  package var description: String

  package init(description: String) { self.description = description }
}

extension FieldPath {
  package init(parsing text: String) throws(FieldPathError) {
    let bytes = Array(text.utf8)
    var position = 0
    steps = []
    guard !bytes.isEmpty else { throw FieldPathError(description: "the path is empty") }
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "[") {
        steps.append(.index(try Self.index(bytes, &position)))
      } else {
        steps.append(.key(try Self.key(bytes, &position)))
      }
      guard position < bytes.count else { return }
      if bytes[position] == UInt8(ascii: ".") {
        position += 1
        if position == bytes.count { throw FieldPathError(description: "the path ends with a dot") }
      } else if bytes[position] != UInt8(ascii: "[") {
        throw FieldPathError(description: "expected a dot or `[` after `\(FieldPath(steps))`")
      }
    }
  }

  private static func index(_ bytes: [UInt8], _ position: inout Int) throws(FieldPathError) -> Int {
    guard let close = bytes[position...].firstIndex(of: UInt8(ascii: "]")) else {
      throw FieldPathError(description: "`[` is never closed")
    }
    let digits = String(decoding: bytes[(position + 1)..<close], as: UTF8.self)
    guard let index = Int(digits), index >= 0 else {
      throw FieldPathError(description: "`[\(digits)]` is not an index; indexes count from 0")
    }
    position = close + 1
    return index
  }

  private static func key(_ bytes: [UInt8], _ position: inout Int) throws(FieldPathError) -> String {
    let start = position
    guard bytes[position] == UInt8(ascii: "\"") else {
      while position < bytes.count, !special.contains(bytes[position]) { position += 1 }
      guard position > start else { throw FieldPathError(description: "a name is missing in the path") }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard position < bytes.count else { throw FieldPathError(description: "a quoted name is never closed") }
    position += 1
    guard let key = (try? JSONValue(parsing: Array(bytes[start..<position])))?.string else {
      throw FieldPathError(description: "a quoted name is not a JSON string")
    }
    return key
  }
}
