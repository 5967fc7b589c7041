/// Finds every word in configuration and state that may be the name of a resource type.
///
/// Takes too much rather than too little: a name that is no type costs nothing, and a type that was
/// missed costs a second run with the whole schema.
package enum TypesInUse {
  /// - Parameter texts: all `.tf` and `.tf.json` files of all modules, and the state.
  /// - Returns: every run of letters, digits, `_` and `-` that begins with a letter.
  package static func words(in texts: some Sequence<[UInt8]>) -> Set<String> {
    var words: Set<ArraySlice<UInt8>> = []
    for text in texts { scan(text, into: &words) }
    return Set(words.lazy.map { String(decoding: $0, as: UTF8.self) })
  }

  private static func scan(_ text: [UInt8], into words: inout Set<ArraySlice<UInt8>>) {
    text.withUnsafeBufferPointer { bytes in
      var position = 0
      var spelled: [UInt8] = []
      while position < bytes.count {
        guard isLetter(bytes[position]) || bytes[position] == UInt8(ascii: "\\") else {
          position += 1
          continue
        }
        let start = position
        while position < bytes.count, isWord(bytes[position]) { position += 1 }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\\") else {
          words.insert(text[start..<position])
          continue
        }
        // JSON and HCL let any letter of a string be written as \uXXXX.
        spelled.removeAll(keepingCapacity: true)
        spelled.append(contentsOf: bytes[start..<position])
        while position < bytes.count {
          if isWord(bytes[position]) {
            spelled.append(bytes[position])
            position += 1
          } else if let letter = escaped(bytes, at: position) {
            spelled.append(letter)
            position += 6
          } else {
            break
          }
        }
        if !spelled.isEmpty { words.insert(spelled[...]) }
        // A backslash that spells no letter, as in \n: the letter after it belongs to no name.
        if position == start { position += 2 }
      }
    }
  }

  /// The letter of a name that `\uXXXX` stands for.
  private static func escaped(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt8? {
    guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u"),
      let code = UInt8(String(decoding: bytes[position + 2..<position + 6], as: UTF8.self), radix: 16),
      isWord(code)
    else { return nil }
    return code
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    // Beyond ASCII every byte is part of a letter for us.
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
      || byte >= 0x80
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: "-")
  }
}
