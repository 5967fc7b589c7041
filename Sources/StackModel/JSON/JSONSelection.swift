/// Which members of a document's objects are wanted, at whatever depth; lists are passed through.
///
/// Reading a long line for the few things that matter in it costs little more than finding its end.
package struct JSONSelection: Sendable {
  package struct Member: Sendable {
    /// In UTF-8.
    fileprivate var name: [UInt8]
    fileprivate var isEnding: Bool
    /// What of it is wanted; everything if nil.
    package var inside: JSONSelection?

    package static func named(_ name: String, _ inside: JSONSelection? = nil) -> Member {
      Member(name: Array(name.utf8), isEnding: false, inside: inside)
    }

    /// Every member whose name ends so.
    package static func ending(_ name: String, _ inside: JSONSelection? = nil) -> Member {
      Member(name: Array(name.utf8), isEnding: true, inside: inside)
    }

    fileprivate func matches(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
      guard isEnding ? name.count >= self.name.count : name.count == self.name.count else { return false }
      // From the end, where names differ.
      var position = name.count
      for byte in self.name.reversed() {
        position -= 1
        if name[position] != byte { return false }
      }
      return true
    }
  }

  private var members: [Member]

  package init(_ members: Member...) { self.members = members }

  /// - Parameter name: as it stands in the document, between the quotes.
  func member(_ name: UnsafeBufferPointer<UInt8>) -> Member? {
    if name.contains(UInt8(ascii: "\\")) {
      let quoted = [UInt8(ascii: "\"")] + name + [UInt8(ascii: "\"")]
      guard case .string(let text)? = try? JSONValue(parsing: quoted) else { return nil }
      return Array(text.utf8).withUnsafeBufferPointer { name in members.first { $0.matches(name) } }
    }
    return members.first { $0.matches(name) }
  }
}
